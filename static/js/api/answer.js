/**
 * Whose answer is it? Only the API's own answers say something about a job. A proxy, a login portal
 * or another program may answer in its place: that is trouble that passes.
 */

/** The API sends this header with each answer. */
const MARK = "Batchsite-API";

const SERVER_ERROR = "the server answered with an error";
const NOT_OURS = "another program answered in place of this site";
const INCOMPLETE = "the server’s answer is incomplete";

/** Sentences of the API that are fixed. With them an error counts even if a proxy removes headers. */
const FIXED_SENTENCES = new Set(["Job not found", "Job not found or already completed"]);

/**
 * A call that failed. `status` is 0 if no complete answer arrived; `own` is true if the API itself
 * has answered, `reading` if the call changes nothing.
 */
export class ApiError extends Error {
  constructor(message, { status = 0, own = false, reading = false, fields = {} } = {}) {
    super(message);
    this.name = "ApiError";
    Object.assign(this, { status, own, reading, fields });
  }

  /** True if a retry may succeed: no answer of the API, a server error, too many requests. */
  get temporary() {
    return !this.own || this.status === 429 || this.status >= 500;
  }

  /** True if another program, such as a proxy, has answered in place of the site. */
  get foreign() {
    return this.message === NOT_OURS;
  }

  /** True if the person has to sign in: a refused change says by its own sentence what is wrong. */
  get signedOut() {
    return this.own && (this.status === 401 || (this.status === 403 && this.reading));
  }

  /** True if the call may be repeated until it succeeds. */
  get passes() {
    return this.temporary || this.signedOut;
  }

  /** True if the API says that what was asked for does not exist. */
  get notFound() {
    return this.own && this.status === 404;
  }

  /** True if the API itself says what is wrong with the request. */
  get refused() {
    return this.own && this.status === 400;
  }

  /** The sentence for a person, with the HTTP status if there was one. */
  get sentence() {
    if (this.status === 0) return this.message;
    return `${this.message.replace(/[.\s]+$/, "")} (HTTP ${this.status})`;
  }
}

async function jsonOf(response) {
  try {
    return await response.json();
  } catch {
    return undefined; // the page of a proxy, or an answer that was cut off
  }
}

/** The error that an answer with a status of 400 or more stands for. */
export async function errorFrom(response, { reading }) {
  const { status } = response;
  const body = await jsonOf(response);
  const sentence = body?.error;
  if (typeof sentence === "string" && (response.headers.has(MARK) || FIXED_SENTENCES.has(sentence))) {
    return new ApiError(sentence, { status, reading, own: true, fields: body.fields ?? {} });
  }
  if (status < 500) return new ApiError(NOT_OURS, { status });
  return new ApiError(typeof sentence === "string" ? sentence : SERVER_ERROR, { status });
}

/** The body of a successful answer. Throws ApiError if it does not have the shape of the call. */
export async function bodyOf(response, hasShape) {
  const body = await jsonOf(response);
  if (body !== undefined && body !== null && hasShape(body)) return body;
  throw new ApiError(body === undefined && response.headers.has(MARK) ? INCOMPLETE : NOT_OURS);
}

/** Return true if a 304 is about the body that this page has. */
export function isUnchanged(response, etag) {
  return Boolean(etag) && (response.headers.has(MARK) || response.headers.get("ETag") === etag);
}
