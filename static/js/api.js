/** The API client: one function a call, nothing about the page. */

/** A call that did not succeed. `status` is 0 where no answer came at all. */
export class ApiError extends Error {
  constructor(message, { status = 0, fields = {} } = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.fields = fields;
  }

  /** Whether it may go away by itself: no network, a server error, too many requests. */
  get passing() {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }

  /** The sentence for a person, with the HTTP status where there was one. */
  get sentence() {
    if (this.status === 0) return this.message;
    return `${this.message.replace(/[.\s]+$/, "")} (HTTP ${this.status})`;
  }
}

const UNREACHABLE = "the server cannot be reached";

/** Tells the server that a person clicked in the page, and no script called. */
const FROM_PAGE = "batchsite-page";

/** The page says what the cookie is called; the token changes when the person signs in. */
function csrfFromCookie() {
  const prefix = `${document.documentElement.dataset.csrfCookie}=`;
  const found = document.cookie.split("; ").find((cookie) => cookie.startsWith(prefix));
  return found ? found.slice(prefix.length) : "";
}

/** Names and values -> "?a=1&b=2", without those that are null, undefined or "". */
export function query(values) {
  const given = Object.entries(values).filter(([, value]) => (value ?? "") !== "");
  const text = new URLSearchParams(given).toString();
  return text ? `?${text}` : "";
}

async function failure(response) {
  let body = {};
  try {
    body = await response.json();
  } catch {
    // A proxy's own error page is not JSON; the status says what there is to say.
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
        cache: "no-store", // the ETag is handled here, so that a 304 is seen as one
      });
    } catch {
      throw new ApiError(UNREACHABLE);
    }
    if (response.status === 304) return { unchanged: true, etag };
    if (!response.ok) throw await failure(response);
    try {
      return { body: await response.json(), etag: response.headers.get("ETag") };
    } catch {
      throw new ApiError("the server's answer was cut short", { status: 0 });
    }
  }

  const get = async (path, options) => (await send("GET", path, options)).body;
  const post = async (path, body) => (await send("POST", path, { body })).body;
  const jobPath = (id) => `/api/jobs/${encodeURIComponent(id)}`;

  return {
    operations: () => get("/api/operations"),
    files: (filter, signal) => get(`/api/files${query(filter)}`, { signal }),
    /** Both resolve to {running, files, error}. */
    scan: () => post("/api/files/scan"),
    scanState: () => get("/api/files/scan"),
    startJob: (order) => post("/api/jobs", order),
    /** {body, etag} or {unchanged: true} */
    jobs: (filter, options) => send("GET", `/api/jobs${query(filter)}`, options),
    /** {jobs, count} of all that are not over; of very many only the newest are in `jobs`. */
    unfinishedJobs: () => get(`/api/jobs${query({ status: "active" })}`),
    activeJob: async () => (await get("/api/jobs/active")).job,
    /** {body, etag} or {unchanged: true}; `after` null asks for the status alone */
    job: (id, { after = null, etag, signal } = {}) => {
      const cursor = after === null ? "" : `?after=${encodeURIComponent(after)}`;
      return send("GET", jobPath(id) + cursor, { etag, signal });
    },
    markSeen: (id) => post(`${jobPath(id)}/seen`),
    cancel: (id) => post(`${jobPath(id)}/cancel`),
    cancelAll: () => post("/api/jobs/cancel-all"),
    pause: (id) => post(`${jobPath(id)}/pause`),
    /** `leaveOut`: do without the files that have changed or vanished. */
    resume: (id, leaveOut) => post(`${jobPath(id)}/resume`, { leave_out: Boolean(leaveOut) }),
    retry: (id, leaveOut) => post(`${jobPath(id)}/retry`, { leave_out: Boolean(leaveOut) }),
    remove: async (id) => (await send("DELETE", jobPath(id))).body,
    /** What happened to the files since the job was made; `purpose` is "resume" or "retry". */
    changes: (id, purpose) => get(`${jobPath(id)}/changes${query({ for: purpose })}`),
    events: (id) => get(`${jobPath(id)}/events`),
    failures: (id) => get(`${jobPath(id)}/failures`),
    items: (id, filter, signal) => get(`${jobPath(id)}/items${query(filter)}`, { signal }),
    /** A `next` address as the API gave it out. */
    follow: (path, signal) => get(path, { signal }),
  };
}
