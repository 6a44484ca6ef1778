/** What a job's status means for the page. Pure; the statuses are those of the API. */

export const LABELS = {
  queued: "Queued",
  processing: "Processing",
  paused: "Paused",
  completed: "Completed",
  cancelled: "Cancelled",
  failed: "Failed",
};

const ACTIVE = new Set(["queued", "processing", "paused"]);

/** The job is not over: it runs, waits or is paused. */
export function isActive(job) {
  return ACTIVE.has(job.status);
}

/** Nothing of the job will change any more by itself: it ended and no file is under way. */
export function isSettled(job) {
  return !isActive(job) && job.progress.in_flight === 0;
}

/** Files which no worker has taken to an end, whatever the API calls them at the moment. */
export function notProcessed(job) {
  return job.progress.pending + job.progress.skipped;
}

/** Which actions make sense: {cancel, pause, proceed, resume, retry, again, remove} -> boolean. */
export function allowed(job) {
  const active = isActive(job);
  return {
    cancel: active,
    pause: job.status === "queued" || job.status === "processing",
    proceed: job.status === "paused",
    resume: (job.status === "cancelled" || job.status === "failed") && notProcessed(job) > 0,
    retry: !active && job.progress.failed > 0,
    again: !active,
    remove: !active,
  };
}
