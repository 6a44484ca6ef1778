/** The top of a job's page: its numbers, bar and status, and the buttons that are possible. */

import { dateTime, duration } from "../text/format.js";
import { allowed, isActive, isFinished, notProcessed } from "../text/job-status.js";
import { averageSpeed, notice, shares, speed, spoken, title } from "../text/progress.js";
import { byId, fill, h, losesFocus, showSentence, toggle } from "../ui/dom.js";
import { statusBadge } from "./job-list.js";

/** When each status object arrived: its seconds are counted from there. */
const receivedAt = new WeakMap();

export function showSummary(job, { cancelling = false } = {}) {
  const { total, processed, succeeded, failed, in_flight: inFlight, percent } = job.progress;
  const stopping = cancelling || (!isActive(job) && !isFinished(job));
  const badge = statusBadge(job, stopping ? title(job, { cancelling }) : null);
  // Screen readers speak it whenever it is written.
  if (!byId("jobStatus").firstChild?.isEqualNode(badge)) fill(byId("jobStatus"), badge);
  fill(byId("jobFiles"), processed, " / ", total, " files", ` · ${percent ?? 0}%`);
  byId("jobSpeed").textContent = isActive(job) ? speed(job) : averageSpeed(job);
  const bar = byId("jobBar");
  bar.setAttribute("aria-valuenow", String(percent ?? 0));
  bar.setAttribute("aria-valuetext", spoken(job));
  const parts = shares(job);
  byId("jobBarDone").style.width = `${parts.succeeded}%`;
  byId("jobBarFailed").style.width = `${parts.failed}%`;
  byId("jobBarInFlight").style.width = total > 0 ? `${(100 * inFlight) / total}%` : "0";
  fill(byId("figureSucceeded"), succeeded);
  fill(byId("figureWarnings"), job.progress.warnings);
  fill(byId("figureFailed"), failed);
  fill(byId("figureInFlight"), inFlight);
  fill(byId("figureNotProcessed"), notProcessed(job));
  byId("figureStarted").textContent = dateTime(job.started_at) || "Not yet";
  showDuration(job);
  showSentence("jobSummary", job.summary);
  showSentence("jobNotice", notice(job));
  showSentence("jobError", job.error);
  showButtons(allowed(job), { stopping });
}

/** The time that workers spent on the job. While it is processed, it grows between two answers. */
export function showDuration(job) {
  const now = Date.now();
  if (!receivedAt.has(job)) receivedAt.set(job, now);
  const since = job.status === "processing" ? (now - receivedAt.get(job)) / 1000 : 0;
  const seconds = job.active_seconds;
  byId("figureDuration").textContent = seconds === null ? "–" : duration(seconds + since);
}

/** Show that the job no longer exists. */
export function showDeleted() {
  fill(byId("jobStatus"), h("span", { class: "badge-status is-warn" }, "Deleted"));
  for (const id of ["jobTrouble", "jobNotice"]) showSentence(id, null);
  showButtons({});
}

/** `can`: as `allowed` returns it. While the job is `stopping`, only a disabled Cancel is shown. */
function showButtons(can, { stopping = false } = {}) {
  const buttons = {
    pauseJobBtn: can.pause,
    continueJobBtn: can.continue,
    cancelJobBtn: can.cancel,
    resumeJobBtn: can.resume,
    retryJobBtn: can.retry,
    rerunJobBtn: can.rerun,
    deleteJobBtn: can.remove,
  };
  const focused = document.activeElement;
  for (const [id, possible] of Object.entries(buttons)) {
    toggle(byId(id), Boolean(possible) && !(stopping && id !== "cancelJobBtn"));
    byId(id).disabled = stopping;
  }
  // If the pressed button has disappeared, the focus stays near it.
  if (focused?.id in buttons && losesFocus(focused)) {
    const next = document.querySelector(".job-buttons .btn:not([hidden], :disabled)");
    (next ?? byId("main")).focus({ preventScroll: true });
  }
}
