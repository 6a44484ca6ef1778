/** The API client: one function per call. Knows nothing about the page. */

import { ApiError, bodyOf, errorFrom, isUnchanged } from "./answer.js";
import * as shapes from "./shapes.js";

const UNREACHABLE = "the server cannot be reached";
const SILENT = "the server has not answered in time";
/** A cancel or pause without an answer for this long can be tried again. */
const CONTROL_TIMEOUT_MS = 45000;

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

const browserFetch = (...request) => globalThis.fetch(...request);

/**
 * `onSignedOut(error)` is called when the API refuses a call for want of a login, once until
 * `onSignedIn()`, which is called at the next call that succeeds.
 */
export function createApi({
  fetch = browserFetch,
  csrf = csrfFromCookie,
  onSignedOut = () => {},
  onSignedIn = () => {},
} = {}) {
  let signedOut = false;

  /** Resolves to {body, etag} or {unchanged: true}. Throws ApiError. */
  async function exchange(method, path, hasShape, { body, etag, signal }) {
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
    } catch (error) {
      throw new ApiError(error?.name === "TimeoutError" ? SILENT : UNREACHABLE);
    }
    if (response.status === 304 && isUnchanged(response, etag)) return { unchanged: true, etag };
    if (!response.ok) throw await errorFrom(response, { reading: method === "GET" });
    return { body: await bodyOf(response, hasShape), etag: response.headers.get("ETag") };
  }

  async function send(method, path, hasShape, options = {}) {
    try {
      const answer = await exchange(method, path, hasShape, options);
      if (signedOut) {
        signedOut = false;
        onSignedIn();
      }
      return answer;
    } catch (error) {
      if (error.signedOut && !signedOut) {
        signedOut = true;
        onSignedOut(error);
      }
      throw error;
    }
  }

  const get = async (path, hasShape, options) => (await send("GET", path, hasShape, options)).body;
  const post = async (path, hasShape, options) => (await send("POST", path, hasShape, options)).body;
  const jobPath = (id) => `/api/jobs/${encodeURIComponent(id)}`;
  const control = (path) =>
    post(path, shapes.isSuccess, { signal: AbortSignal.timeout(CONTROL_TIMEOUT_MS) });
  const requeue = (verb) => (id, skipChanged) =>
    post(`${jobPath(id)}/${verb}`, shapes.isSuccess, { body: { skip_changed: Boolean(skipChanged) } });
  const continueJob = (id, retrySameError) =>
    post(`${jobPath(id)}/resume`, shapes.isSuccess, {
      body: retrySameError ? { retry_failed: "same_error" } : {},
    });

  return {
    operations: () => get("/api/operations", shapes.isList),
    files: (filter, signal) => get(`/api/files${query(filter)}`, shapes.hasFiles, { signal }),
    /**
     * `scan` and `scanState` resolve to {running, files, moved, not_reached, unreached, removals,
     * error}; `removals` is null or {files, of}: what the scan would remove if that is accepted.
     */
    scan: (acceptRemovals = false) =>
      post("/api/files/scan", shapes.isScan, acceptRemovals ? { body: { accept_removals: true } } : {}),
    scanState: () => get("/api/files/scan", shapes.isScan),
    startJob: (order) => post("/api/jobs", shapes.isJob, { body: order }),
    /** Resolves to {body, etag} or {unchanged: true}. */
    jobs: (filter, options) => send("GET", `/api/jobs${query(filter)}`, shapes.hasJobs, options),
    /** Resolves to {jobs, count}: `count` includes all active jobs, `jobs` only the newest. */
    unfinishedJobs: () => get(`/api/jobs${query({ status: "active" })}`, shapes.hasJobs),
    activeJob: async () => (await get("/api/jobs/active", shapes.isActiveJob)).job,
    /** Resolves to {body, etag} or {unchanged: true}. With `after` null, `body` has no items. */
    job: (id, { after = null, etag, signal } = {}) => {
      const cursor = after === null ? "" : `?after=${encodeURIComponent(after)}`;
      return send("GET", jobPath(id) + cursor, shapes.isJob, { etag, signal });
    },
    markSeen: (id) => post(`${jobPath(id)}/seen`, shapes.isSuccess),
    cancel: (id) => control(`${jobPath(id)}/cancel`),
    cancelAll: () => control("/api/jobs/cancel-all"),
    pause: (id) => control(`${jobPath(id)}/pause`),
    /** (id, skipChanged): with `skipChanged`, files that changed or are missing are skipped. */
    resume: requeue("resume"),
    /** (id, retrySameError): also process the files with the error that paused the job. */
    continue: continueJob,
    retry: requeue("retry"),
    remove: async (id) => (await send("DELETE", jobPath(id), shapes.isSuccess)).body,
    /** What happened to the files since the job was created; `purpose` is "resume" or "retry". */
    changes: (id, purpose) => get(`${jobPath(id)}/changes${query({ for: purpose })}`, shapes.isChanges),
    events: (id) => get(`${jobPath(id)}/events`, shapes.hasEvents),
    failures: (id) => get(`${jobPath(id)}/failures`, shapes.hasFailures),
    items: (id, filter, signal) => get(`${jobPath(id)}/items${query(filter)}`, shapes.hasItems, { signal }),
    /** `path`: the `next` of an earlier answer with items. */
    nextPage: (path, signal) => get(path, shapes.hasItems, { signal }),
  };
}
