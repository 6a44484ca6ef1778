/** The list of recent jobs, and the floating indicator of the active ones. */

import { ago } from "../text/format.js";
import { jobNames } from "../text/job-names.js";
import { LABELS, isActive, isFinished, notProcessed } from "../text/job-status.js";
import { shares } from "../text/progress.js";
import { byId, h, toggle } from "../ui/dom.js";
import { replaceRows } from "../ui/replace-rows.js";

const LOOKS = {
  queued: "is-busy",
  processing: "is-busy",
  paused: "is-warn",
  completed: "is-good",
  cancelled: "is-warn",
  failed: "is-bad",
};

/** `stopping`: text that replaces the status of a job that is about to end. */
export function statusBadge(job, stopping = null) {
  const cancelling = job.status === "cancelled" && !isFinished(job);
  const label = stopping ?? (cancelling ? "Cancelling…" : LABELS[job.status]);
  const warns = (stopping && job.status !== "failed") || (job.status === "completed" && job.progress.failed > 0);
  return h("span", { class: `badge-status ${warns ? "is-warn" : LOOKS[job.status]}` }, label);
}

/** A small bar, hidden from screen readers because its numbers are next to it. */
function smallBar(job) {
  const parts = shares(job);
  const finished = isActive(job) ? "" : " is-finished";
  const done = h("div", { class: "progress-bar bar-done" });
  const failed = h("div", { class: "progress-bar bar-failed" });
  done.style.width = `${parts.succeeded}%`;
  failed.style.width = `${parts.failed}%`;
  return h("div", { class: `progress progress-small${finished}`, "aria-hidden": "true" }, done, failed);
}

function numbers(job) {
  const { total, processed, failed, warnings } = job.progress;
  const active = isActive(job);
  const rest = active ? 0 : notProcessed(job);
  return h(
    "span",
    { class: "job-numbers" },
    processed,
    active ? [" of ", total] : null,
    processed === 1 && !active ? " file" : " files",
    failed > 0 ? h("span", { class: "job-failed" }, " · ", failed, " failed") : null,
    warnings > 0 ? h("span", { class: "job-warned" }, " · ", warnings, " with a warning") : null,
    rest > 0 ? [" · ", rest, " not processed"] : null,
  );
}

/** Jobs that were active on this page. On a phone they stay in sight when they have ended. */
const current = new Set();

function row(job, now) {
  if (isActive(job)) current.add(job.id);
  return h(
    "li",
    { class: current.has(job.id) ? "job is-current" : "job", dataset: { job: job.id, status: job.status } },
    h(
      "div",
      { class: "job-line" },
      h("a", { class: "job-name", href: `/jobs/${job.id}` }, h("bdi", {}, job.label)),
      statusBadge(job),
    ),
    smallBar(job),
    h(
      "div",
      { class: "job-line" },
      numbers(job),
      h("span", { class: "job-numbers" }, ago(job.created_at, now)),
    ),
  );
}

function emptyRow() {
  const text = "A job starts when you process files.";
  return h("li", { class: "empty" }, h("strong", {}, "No jobs yet"), text);
}

export function showJobs(jobs, { more }) {
  const place = byId("jobHistory");
  const now = Date.now();
  replaceRows(place, jobs.length > 0 ? jobs.map((job) => row(job, now)) : [emptyRow()]);
  place.setAttribute("aria-busy", "false");
  toggle(byId("moreJobsBtn"), more);
}

/** Show the active jobs while no dialog covers them. `open(jobId)` opens the dialog of one. */
export function showIndicator(jobs, open) {
  const place = byId("progressIndicator");
  const names = jobNames(jobs);
  toggle(place, jobs.length > 0);
  replaceRows(
    place,
    jobs.map((job) =>
      h(
        "button",
        {
          type: "button",
          class: "indicator-job",
          dataset: { job: job.id },
          on: { click: () => open(job.id) },
        },
        h(
          "span",
          { class: "indicator-line" },
          h("span", { class: "indicator-name" }, h("bdi", {}, names.get(job.id))),
          h("span", {}, `${job.progress.percent ?? 0}%`),
        ),
        smallBar(job),
        h("span", { class: "indicator-note" }, ...indicatorNote(job)),
        h("span", { class: "visually-hidden" }, "Show details"),
      ),
    ),
  );
}

function indicatorNote(job) {
  const { processed, total } = job.progress;
  const numbers = [processed, " of ", total, " files"];
  if (!isActive(job)) return ["Cancelling… · ", ...numbers];
  if (job.status === "paused") return ["Paused · ", ...numbers];
  return job.notice ? [job.notice, " · ", ...numbers] : numbers;
}
