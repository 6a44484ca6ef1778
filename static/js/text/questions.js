/** The questions before a job is cancelled or deleted, for `ConfirmDialog.ask`. Pure. */

import { group, plural } from "./format.js";
import { jobNames } from "./job-names.js";

/** A question or an answer names at most this many jobs. */
export const MAX_NAMED_JOBS = 10;

const WHAT_CANCEL_KEEPS =
  "Files already processed stay processed. Files not yet processed are skipped.";

/** `job` may be null if its status is not known yet. */
export function cancelQuestion(jobId, job) {
  const running = job?.progress.in_flight ?? 0;
  const finishing = `${plural(running, "file")} being processed now will finish first.`;
  return {
    key: jobId,
    title: "Cancel this job?",
    lines: running > 0 ? [[WHAT_CANCEL_KEEPS], [finishing]] : [[WHAT_CANCEL_KEEPS]],
    yes: "Yes, cancel the job",
    no: "No, keep running",
    danger: true,
  };
}

/** `count`: the number of all active jobs, of which `jobs` may be only the newest. */
export function cancelAllQuestion(jobs, count) {
  const names = jobNames(jobs);
  const lines = jobs.slice(0, MAX_NAMED_JOBS).map(({ id, progress: { processed, total } }) => {
    return `${names.get(id)} · ${group(processed)} of ${plural(total, "file")}`;
  });
  if (count > lines.length) lines.push(`and ${plural(count - lines.length, "more job")}`);
  return {
    title: count === 1 ? "Cancel the running job?" : `Cancel all ${group(count)} jobs?`,
    lines: [[WHAT_CANCEL_KEEPS]],
    names: lines,
    yes: count === 1 ? "Yes, cancel the job" : "Yes, cancel all",
    no: "No, keep running",
    danger: true,
  };
}

export function deleteQuestion(jobId) {
  return {
    key: jobId,
    title: "Delete this job?",
    lines: [
      ["Its list of results and the files that it wrote to the output folder are deleted."],
      ["The files of the library are not touched."],
    ],
    yes: "Yes, delete it",
    no: "No, keep it",
    danger: true,
  };
}
