/** The page's short messages. Sentences about a job's progress and end have their own modules. */

import { plural } from "./format.js";
import { MAX_NAMED_JOBS } from "./questions.js";

export const CONNECTION_LOST =
  "Lost connection to server. Job may still be running. Refresh to check status.";
export const JOB_NOT_FOUND = "Job not found or already completed";
export const JOB_DELETED = "This job no longer exists: it was deleted.";
export const NO_JOB_RUNNING = "No job is running.";
export const SIGNED_OUT = "You are signed out.";

/** The reason for a person: the API's sentence, or what a script error says of itself. */
export function reasonOf(error) {
  if (error.signedOut && error.status === 401) return "you are signed out (HTTP 401)";
  return error.sentence ?? error.message;
}

/**
 * Why there is no answer now. `error`: an ApiError; `retryInMs`: when the page asks again, 0 if
 * that is not counted down.
 */
export function trouble(error, retryInMs = 0) {
  const again = retryInMs > 0 ? `Trying again in ${retryInMs / 1000} s.` : "Trying again.";
  return `${cause(error)} ${again}`;
}

function cause(error) {
  if (error.signedOut) return signedOut(error);
  if (error.own) return `The server cannot answer: ${error.sentence}.`;
  const status = error.status > 0 ? ` (HTTP ${error.status})` : "";
  if (error.foreign) return `The server is not responding: ${error.message}${status}.`;
  return `The server is not responding${status}.`;
}

export function troubleWithJob(error, retryInMs) {
  return `${trouble(error, retryInMs)} The job continues without the page.`;
}

/** The person is signed out, or may no longer read this. */
export function signedOut(error) {
  return error.status === 401 ? SIGNED_OUT : `The server refused the request: ${reasonOf(error)}.`;
}

/** `what` as in "cancel job". */
export function failedTo(what, error) {
  return `Failed to ${what}: ${reasonOf(error)}`;
}

export function notStarted(reason) {
  return `The job was not started: ${reason}`;
}

export function noFilesYet(library) {
  return `There are no files yet. Put some into ${library}, then press Refresh.`;
}

export function folderUnreadable(reason) {
  return `The folder could not be read: ${reason}`;
}

export function allCancelled(cancelled) {
  const sentence = `${plural(cancelled, "job was", "jobs were")} cancelled`;
  if (cancelled <= MAX_NAMED_JOBS) return sentence;
  return `${sentence}. The results of ${MAX_NAMED_JOBS} of them appear here, the others’ in the list of jobs.`;
}
