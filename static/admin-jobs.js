// Keeps what an admin page shows of running jobs true.
//
// Elements: [data-job][data-field] holds the text of one field of one job; a <progress> has
// data-field="percent" and data-live="true" while its job is not over; a badge
// has data-state. The answer is {jobs: {<id>: {<field>: text, percent, state, live}}}.

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
  for (const id of liveJobs()) {
    const found = jobs[id];
    for (const element of document.querySelectorAll(`[data-job="${id}"]`)) {
      show(element, found);
    }
  }
}

function show(element, found) {
  if (element instanceof HTMLProgressElement) {
    // A job that is not in the answer was deleted.
    element.dataset.live = String(Boolean(found && found.live));
    if (found) element.value = found.percent;
  } else if (found && element.textContent !== found[element.dataset.field]) {
    element.textContent = found[element.dataset.field];
  }
  if (found && "state" in element.dataset) element.dataset.state = found.state;
}

repeat(ask, use);
