// Keeps what an admin page shows of running jobs true.
//
// Elements: [data-job][data-field] holds the text of one field of one job; a <progress> has
// data-field="percent" and data-live="true" while its job is not over; a badge
// has data-state. The answer is {jobs: {<id>: {<field>: text, percent, state, live}}}.
//
// When the status of a job has changed, what else depends on it, as its buttons and events,
// is taken from the same page, asked for again: each [data-part] by its name.

import {repeat} from "./admin-poller.js";

// The page is the list of jobs or the page of one, both below …/jobs/job/.
const POLL_URL = new URL(location.pathname.replace(/\/jobs\/job\/.*/, "/jobs/job/progress/"), location.href);

function liveJobs() {
  const bars = document.querySelectorAll('progress[data-live="true"]');
  return [...new Set([...bars].map((bar) => bar.dataset.job))];
}

function ask() {
  const jobs = liveJobs();
  if (!jobs.length) return null;
  const url = new URL(POLL_URL);
  for (const job of jobs) url.searchParams.append("job", job);
  return url;
}

function use({jobs}) {
  let changed = false;
  for (const id of liveJobs()) {
    const found = jobs[id];
    for (const element of document.querySelectorAll(`[data-job="${id}"]`)) {
      changed = show(element, found) || changed;
    }
  }
  if (changed && document.querySelector("[data-part]")) renewParts();
}

// True if the job has another status now, or has come to its end.
function show(element, found) {
  let changed = false;
  if (element instanceof HTMLProgressElement) {
    // A job that is not in the answer was deleted.
    element.dataset.live = String(Boolean(found && found.live));
    changed = element.dataset.live === "false";
    if (found) element.value = found.percent;
  } else if (found && element.textContent !== found[element.dataset.field]) {
    element.textContent = found[element.dataset.field];
  }
  if (found && "state" in element.dataset && element.dataset.state !== found.state) {
    element.dataset.state = found.state;
    changed = true;
  }
  return changed;
}

async function renewParts() {
  const answer = await fetch(location.href).catch(() => null);
  if (!answer || !answer.ok || answer.redirected) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-part]")) {
    const renewed = page.querySelector(`[data-part="${part.dataset.part}"]`);
    if (renewed) part.replaceWith(renewed);
  }
}

repeat(ask, use);
