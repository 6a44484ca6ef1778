/** What a job's status means for the page. Pure. The statuses are those of the API. */

export const LABELS = {
  queued: "Queued",
  processing: "Processing",
  paused: "Paused",
  completed: "Completed",
  cancelled: "Cancelled",
  failed: "Failed",
};

const ACTIVE = new Set(["queued", "processing", "paused"]);

/** Return true if the job is queued, processing or paused. */
export function isActive(job) {
  return ACTIVE.has(job.status);
}

/** Return true if the job has ended and no file is in flight: nothing will change on its own. */
export function isFinished(job) {
  return !isActive(job) && job.progress.in_flight === 0;
}

/** The number of files not processed. The API calls them pending or, after the end, skipped. */
export function notProcessed(job) {
  return job.progress.pending + job.progress.skipped;
}

/** Which actions are possible: {cancel, pause, continue, resume, retry, rerun, remove}. */
export function allowed(job) {
  const active = isActive(job);
  return {
    cancel: active,
    pause: job.status === "queued" || job.status === "processing",
    continue: job.status === "paused",
    resume: (job.status === "cancelled" || job.status === "failed") && notProcessed(job) > 0,
    retry: (!active || job.status === "paused") && job.progress.failed > 0,
    rerun: !active,
    remove: !active,
  };
}
