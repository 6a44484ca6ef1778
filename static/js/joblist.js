/** The list of recent jobs, and the floating indicator of those that run. */

import { byId, h, toggle } from "./dom.js";
import { ago } from "./format.js";
import { namesOf } from "./names.js";
import { shares } from "./progress.js";
import { redraw } from "./redraw.js";
import { LABELS, isActive, isSettled, notProcessed } from "./states.js";

const LOOKS = {
  queued: "is-busy",
  processing: "is-busy",
  paused: "is-warn",
  completed: "is-good",
  cancelled: "is-warn",
  failed: "is-bad",
};

/** `stopping`: what to say of a job that is about to end, in place of the status. */
export function statusBadge(job, stopping = null) {
  const cancelling = job.status === "cancelled" && !isSettled(job);
  const label = stopping ?? (cancelling ? "Cancelling…" : LABELS[job.status]);
  const warns = (stopping && job.status !== "failed") || (job.status === "completed" && job.progress.failed > 0);
  return h("span", { class: `badge-status ${warns ? "is-warn" : LOOKS[job.status]}` }, label);
}

/** A small bar; decoration, since the numbers stand beside it. */
export function smallBar(job) {
  const parts = shares(job);
  const finished = isActive(job) ? "" : " is-finished";
  const done = h("div", { class: "progress-bar bar-done" });
  const failed = h("div", { class: "progress-bar bar-failed" });
  done.style.width = `${parts.succeeded}%`;
  failed.style.width = `${parts.failed}%`;
  return h("div", { class: `progress progress-small${finished}`, "aria-hidden": "true" }, done, failed);
}

function numbers(job) {
  const { total, processed, failed } = job.progress;
  const parts = isActive(job) ? [processed, " of ", total] : [processed];
  const rest = isActive(job) ? 0 : notProcessed(job);
  return h(
    "span",
    { class: "job-numbers" },
    ...parts,
    processed === 1 && !isActive(job) ? " file" : " files",
    failed > 0 ? h("span", { class: "job-failed" }, " · ", failed, " failed") : null,
    rest > 0 ? [" · ", rest, " not processed"] : null,
  );
}

function row(job, now) {
  return h(
    "li",
    { class: "job", dataset: { job: job.id, status: job.status } },
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

export function showJobs(jobs, { more }) {
  const place = byId("jobHistory");
  const now = Date.now();
  redraw(
    place,
    jobs.length > 0
      ? jobs.map((job) => row(job, now))
      : [h("li", { class: "empty" }, h("strong", {}, "No jobs yet"), "A job starts when you process files.")],
  );
  place.setAttribute("aria-busy", "false");
  toggle(byId("moreJobsBtn"), more);
}

/** The running jobs while no dialog covers them; `open(jobId)` brings one's dialog back. */
export function showIndicator(jobs, open) {
  const place = byId("progressIndicator");
  const names = namesOf(jobs);
  const shown = jobs.length > 0;
  toggle(place, shown);
  document.body.classList.toggle("has-indicator", shown);
  redraw(
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
