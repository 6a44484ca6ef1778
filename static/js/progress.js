/** A job's status object -> what the progress dialog says. Pure. */

import { duration, group, plural, rate, timeLeft } from "./format.js";
import { LABELS, isActive, isSettled } from "./states.js";

/** The stage that decides which buttons are there: running, paused, stopping or over. */
export function stage(job, { cancelling = false } = {}) {
  if (isSettled(job)) return "over";
  if (!isActive(job) || cancelling) return "stopping";
  return job.status === "paused" ? "paused" : "running";
}

function stoppingTitle(job) {
  const { in_flight: finishing } = job.progress;
  const verb = job.status === "failed" ? "Stopping…" : "Cancelling…";
  return finishing > 0 ? `${verb} ${plural(finishing, "file")} finishing` : verb;
}

function overTitle(job) {
  if (job.status === "cancelled") return "Job was cancelled";
  if (job.status === "failed") return "Job failed";
  if (job.progress.failed > 0) return `Finished: ${plural(job.progress.failed, "file")} failed`;
  return "Finished";
}

export function title(job, options = {}) {
  switch (stage(job, options)) {
    case "over":
      return overTitle(job);
    case "stopping":
      return stoppingTitle(job);
    case "paused":
      return "Paused";
    default:
      return "Processing Files...";
  }
}

/** What keeps the job from moving; null where it says no more than the status, as “Paused” does. */
export function notice(job) {
  return job.notice === LABELS[job.status] ? null : job.notice;
}

/** Of a job that is over: its files by the time that was worked on them. */
export function averageSpeed(job) {
  const known = isSettled(job) && job.active_seconds > 0 && job.progress.processed > 0;
  return known ? rate(job.progress.processed / job.active_seconds) : "";
}

/** Speed and time left while it runs, time taken afterwards; "" where nothing is known yet. */
export function speed(job, options = {}) {
  const now = stage(job, options);
  if (now === "running") {
    const left = timeLeft(job.eta_seconds);
    return [rate(job.items_per_second), left].filter(Boolean).join(" · ");
  }
  if (now !== "over" || job.active_seconds === null) return "";
  return [`Took ${duration(job.active_seconds)}`, averageSpeed(job)].filter(Boolean).join(" · ");
}

/** For the progress bar's aria-valuetext and for what a screen reader hears. */
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
