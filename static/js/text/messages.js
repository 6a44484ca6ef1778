/** The page's short messages. Sentences about a job's progress and end have their own modules. */

import { plural } from "./format.js";
import { MAX_NAMED_JOBS } from "./questions.js";

export const CONNECTION_LOST =
  "Lost connection to server. Job may still be running. Refresh to check status.";
export const JOB_NOT_FOUND = "Job not found or already completed";
export const JOB_DELETED = "This job no longer exists: it was deleted.";
export const NO_JOB_RUNNING = "No job is running.";
export const NO_RESPONSE = "The server is not responding. Trying again.";
export const SIGNED_OUT = "You are signed out.";

/** The reason for a person: the API's sentence, or what a script error says of itself. */
export function reasonOf(error) {
  return error.sentence ?? error.message;
}

export function noResponse(retryInMs) {
  return `The server is not responding. Trying again in ${retryInMs / 1000} s.`;
}

export function noResponseToJob(retryInMs) {
  return `${noResponse(retryInMs)} The job continues without the page.`;
}

export function refusedMessage(error) {
  return `The server refused the request: ${reasonOf(error)}`;
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
