/** Turns a job's status object into what the page says about its progress. Pure. */

import { duration, group, plural, rate, timeLeft } from "./format.js";
import { LABELS, isActive, isFinished } from "./job-status.js";

/** The title of a job in the stage "running"; the template has it before any status is known. */
export const RUNNING_TITLE = "Processing Files...";

/** The stage, which decides the buttons: running, paused, stopping or finished. */
export function stage(job, { cancelling = false } = {}) {
  if (isFinished(job)) return "finished";
  if (!isActive(job) || cancelling) return "stopping";
  return job.status === "paused" ? "paused" : "running";
}

function stoppingTitle(job) {
  const { in_flight: finishing } = job.progress;
  const verb = job.status === "failed" ? "Stopping…" : "Cancelling…";
  return finishing > 0 ? `${verb} ${plural(finishing, "file")} finishing` : verb;
}

function finishedTitle(job) {
  if (job.status === "cancelled") return "Job was cancelled";
  if (job.status === "failed") return "Job failed";
  if (job.progress.failed > 0) return `Finished: ${plural(job.progress.failed, "file")} failed`;
  const { warnings } = job.progress;
  return warnings > 0 ? `Finished: ${plural(warnings, "file")} with a warning` : "Finished";
}

export function title(job, options = {}) {
  switch (stage(job, options)) {
    case "finished":
      return finishedTitle(job);
    case "stopping":
      return stoppingTitle(job);
    case "paused":
      return "Paused";
    default:
      return RUNNING_TITLE;
  }
}

/** What keeps the job from moving; null if it only repeats the status, as “Paused” does. */
export function notice(job) {
  return job.notice === LABELS[job.status] ? null : job.notice;
}

/** Files per second of a finished job, pauses left out; "" if unknown. */
export function averageSpeed(job) {
  const known = isFinished(job) && job.active_seconds > 0 && job.progress.processed > 0;
  return known ? rate(job.progress.processed / job.active_seconds) : "";
}

/** Speed and time left of a running job, time taken by a finished one; "" if unknown. */
export function speed(job, options = {}) {
  const now = stage(job, options);
  if (now === "running") {
    const left = timeLeft(job.eta_seconds);
    return [rate(job.items_per_second), left].filter(Boolean).join(" · ");
  }
  if (now !== "finished" || job.active_seconds === null) return "";
  const time = job.active_seconds < 1 ? "less than 1 s" : duration(job.active_seconds);
  return [`Took ${time}`, averageSpeed(job)].filter(Boolean).join(" · ");
}

/** For screen readers: the progress bar's aria-valuetext and the live region. */
export function spoken(job) {
  const { processed, total, failed, percent } = job.progress;
  const failures = failed > 0 ? `, ${group(failed)} failed` : "";
  return `${percent} percent, ${group(processed)} of ${plural(total, "file")}${failures}`;
}

/** Widths of the bar's parts in percent of all files: {succeeded, failed}. */
export function shares(job) {
  const { total, succeeded, failed } = job.progress;
  if (total === 0) return { succeeded: job.status === "completed" ? 100 : 0, failed: 0 };
  return { succeeded: (100 * succeeded) / total, failed: (100 * failed) / total };
}
