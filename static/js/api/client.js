/** The API client: one function per call. Knows nothing about the page. */

/** A call that failed. `status` is 0 if no complete answer arrived. */
export class ApiError extends Error {
  constructor(message, { status = 0, fields = {} } = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.fields = fields;
  }

  /** True if a retry may succeed: no network, a server error, too many requests. */
  get temporary() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** The sentence for a person, with the HTTP status if there was one. */
  get sentence() {
    if (this.status === 0) return this.message;
    return `${this.message.replace(/[.\s]+$/, "")} (HTTP ${this.status})`;
  }
}

const UNREACHABLE = "the server cannot be reached";

/** Tells the server that a person used the page, as opposed to a script. */
const FROM_PAGE = "batchsite-page";

/** Read at each call: the token changes when the person signs in. */
function csrfFromCookie() {
  const prefix = `${document.documentElement.dataset.csrfCookie}=`;
  const found = document.cookie.split("; ").find((cookie) => cookie.startsWith(prefix));
  return found ? found.slice(prefix.length) : "";
}

/** {a: 1, b: 2} -> "?a=1&b=2". Leaves out null, undefined and "". */
export function query(values) {
  const given = Object.entries(values).filter(([, value]) => (value ?? "") !== "");
  const text = new URLSearchParams(given).toString();
  return text ? `?${text}` : "";
}

async function errorFrom(response) {
  let body = {};
  try {
    body = await response.json();
  } catch {
    // The error page of a proxy is not JSON. Its status has to do.
  }
  const message = typeof body.error === "string" ? body.error : "the server answered with an error";
  return new ApiError(message, { status: response.status, fields: body.fields ?? {} });
}

const browserFetch = (...request) => globalThis.fetch(...request);

export function createApi({ fetch = browserFetch, csrf = csrfFromCookie } = {}) {
  async function send(method, path, { body, etag, signal } = {}) {
    const headers = { Accept: "application/json" };
    if (etag) headers["If-None-Match"] = etag;
    if (method !== "GET") {
      headers["X-CSRFToken"] = csrf();
      headers["X-Requested-With"] = FROM_PAGE;
    }
    if (body !== undefined) headers["Content-Type"] = "application/json";
    let response;
    try {
      response = await fetch(path, {
        method,
        headers,
        signal,
        body: body === undefined ? undefined : JSON.stringify(body),
        credentials: "same-origin",
        cache: "no-store", // otherwise the browser would turn a 304 into a 200
      });
    } catch {
      throw new ApiError(UNREACHABLE);
    }
    if (response.status === 304) return { unchanged: true, etag };
    if (!response.ok) throw await errorFrom(response);
    try {
      return { body: await response.json(), etag: response.headers.get("ETag") };
    } catch {
      throw new ApiError("the server’s answer is incomplete");
    }
  }

  const get = async (path, options) => (await send("GET", path, options)).body;
  const post = async (path, body) => (await send("POST", path, { body })).body;
  const jobPath = (id) => `/api/jobs/${encodeURIComponent(id)}`;
  const requeue = (verb) => (id, skipChanged) =>
    post(`${jobPath(id)}/${verb}`, { skip_changed: Boolean(skipChanged) });
  const continueJob = (id, retrySameError) =>
    post(`${jobPath(id)}/resume`, retrySameError ? { retry_failed: "same_error" } : {});

  return {
    operations: () => get("/api/operations"),
    files: (filter, signal) => get(`/api/files${query(filter)}`, { signal }),
    /** `scan` and `scanState` resolve to {running, files, error}. */
    scan: () => post("/api/files/scan"),
    scanState: () => get("/api/files/scan"),
    startJob: (order) => post("/api/jobs", order),
    /** Resolves to {body, etag} or {unchanged: true}. */
    jobs: (filter, options) => send("GET", `/api/jobs${query(filter)}`, options),
    /** Resolves to {jobs, count}: `count` includes all active jobs, `jobs` only the newest. */
    unfinishedJobs: () => get(`/api/jobs${query({ status: "active" })}`),
    activeJob: async () => (await get("/api/jobs/active")).job,
    /** Resolves to {body, etag} or {unchanged: true}. With `after` null, `body` has no items. */
    job: (id, { after = null, etag, signal } = {}) => {
      const cursor = after === null ? "" : `?after=${encodeURIComponent(after)}`;
      return send("GET", jobPath(id) + cursor, { etag, signal });
    },
    markSeen: (id) => post(`${jobPath(id)}/seen`),
    cancel: (id) => post(`${jobPath(id)}/cancel`),
    cancelAll: () => post("/api/jobs/cancel-all"),
    pause: (id) => post(`${jobPath(id)}/pause`),
    /** (id, skipChanged): with `skipChanged`, files that changed or are missing are skipped. */
    resume: requeue("resume"),
    /** (id, retrySameError): also process the files with the error that paused the job. */
    continue: continueJob,
    retry: requeue("retry"),
    remove: async (id) => (await send("DELETE", jobPath(id))).body,
    /** What happened to the files since the job was created; `purpose` is "resume" or "retry". */
    changes: (id, purpose) => get(`${jobPath(id)}/changes${query({ for: purpose })}`),
    events: (id) => get(`${jobPath(id)}/events`),
    failures: (id) => get(`${jobPath(id)}/failures`),
    items: (id, filter, signal) => get(`${jobPath(id)}/items${query(filter)}`, { signal }),
    /** `path`: the `next` of an earlier answer. */
    nextPage: (path, signal) => get(path, { signal }),
  };
}
