/** Draws a job's numbers, bar, status and the buttons that its status allows. */

import { byId, fill, h, isLost, toggle } from "./dom.js";
import { dateTime, duration } from "./format.js";
import { statusBadge } from "./joblist.js";
import { averageSpeed, notice, shares, speed, spoken, title } from "./progress.js";
import { allowed, isActive, isSettled, notProcessed } from "./states.js";

/** When each answer came: what its seconds are counted on from. */
const answered = new WeakMap();

export function showSummary(job, { cancelling = false } = {}) {
  const { total, processed, succeeded, failed, in_flight: busy, percent } = job.progress;
  const stopping = cancelling || (!isActive(job) && !isSettled(job));
  const badge = statusBadge(job, stopping ? title(job, { cancelling }) : null);
  // It is spoken whenever it is written.
  if (!byId("jobStatus").firstChild?.isEqualNode(badge)) fill(byId("jobStatus"), badge);
  fill(byId("jobFiles"), processed, " / ", total, " files", ` · ${percent ?? 0}%`);
  byId("jobSpeed").textContent = isActive(job) ? speed(job) : averageSpeed(job);
  const bar = byId("jobBar");
  bar.setAttribute("aria-valuenow", String(percent ?? 0));
  bar.setAttribute("aria-valuetext", spoken(job));
  const parts = shares(job);
  byId("jobBarDone").style.width = `${parts.succeeded}%`;
  byId("jobBarFailed").style.width = `${parts.failed}%`;
  byId("jobBarBusy").style.width = total > 0 ? `${(100 * busy) / total}%` : "0";
  fill(byId("figureDone"), succeeded);
  fill(byId("figureFailed"), failed);
  fill(byId("figureBusy"), busy);
  fill(byId("figureRest"), notProcessed(job));
  byId("figureStarted").textContent = dateTime(job.started_at) || "Not yet";
  showDuration(job);
  sentence("jobNotice", notice(job));
  sentence("jobError", job.error);
  showButtons(allowed(job), { stopping });
}

/** How long it has been worked on; goes on between two answers, unless the job rests. */
export function showDuration(job) {
  const now = Date.now();
  if (!answered.has(job)) answered.set(job, now);
  const since = job.status === "processing" ? (now - answered.get(job)) / 1000 : 0;
  const seconds = job.active_seconds;
  byId("figureDuration").textContent = seconds === null ? "–" : duration(seconds + since);
}

export function sentence(id, text) {
  byId(id).textContent = text ?? "";
  toggle(byId(id), Boolean(text));
}

/** The job is not there any more. */
export function showDeleted() {
  fill(byId("jobStatus"), h("span", { class: "badge-status is-warn" }, "Deleted"));
  for (const id of ["jobTrouble", "jobNotice"]) sentence(id, null);
  showButtons({});
}

/** `can`: what is `allowed`; while it is `stopping`, only that Cancel was pressed can be seen. */
function showButtons(can, { stopping = false } = {}) {
  const buttons = {
    pauseJobBtn: can.pause,
    continueJobBtn: can.proceed,
    cancelJobBtn: can.cancel,
    resumeJobBtn: can.resume,
    retryJobBtn: can.retry,
    againJobBtn: can.again,
    deleteJobBtn: can.remove,
  };
  const focused = document.activeElement;
  for (const [id, possible] of Object.entries(buttons)) {
    toggle(byId(id), Boolean(possible) && !(stopping && id !== "cancelJobBtn"));
    byId(id).disabled = stopping;
  }
  // The button that was pressed may be gone now; the focus stays near it.
  if (focused?.id in buttons && isLost(focused)) {
    const next = document.querySelector(".job-buttons .btn:not([hidden], :disabled)");
    (next ?? byId("main")).focus({ preventScroll: true });
  }
}
