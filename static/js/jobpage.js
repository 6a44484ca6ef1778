/** The page of one job: follows it while it runs, offers what its status allows. */

import { runAgain } from "./again.js";
import { createApi } from "./api.js";
import { Attention } from "./attention.js";
import { Confirm } from "./confirm.js";
import { createControl } from "./control.js";
import { byId, focusSomewhere, onPress } from "./dom.js";
import { ItemTable } from "./itemtable.js";
import { showEvents, showFailures } from "./jobstory.js";
import { sentence, showDeleted, showDuration, showSummary } from "./jobsummary.js";
import { Messages } from "./messages.js";
import { outcome, plain } from "./outcome.js";
import { Poller } from "./poller.js";
import { report } from "./report.js";
import { isActive, isSettled } from "./states.js";

const PACE_MS = { running: 1000, over: 5000, hidden: 15000 };
const REREAD_MS = 4000;
const LOST = "Lost connection to server. Job may still be running. Refresh to check status.";
const DELETED = "This job is not there any more: it was deleted.";

const jobId = byId("job").dataset.job;
const order = JSON.parse(byId("jobOrder").textContent);
const api = createApi();
const messages = new Messages(byId("messages"), byId("messagesHome"));
const say = (message) => messages.show(message);
const confirm = new Confirm();
const attention = new Attention();
const items = new ItemTable(api, jobId);
let job = null;
let etag = null;
let cancelling = false;
let lastRead = 0;

const poller = new Poller({
  ask: (signal) => api.job(jobId, { etag, signal }),
  onAnswer: (answer) => {
    if (!answer.unchanged) update(answer);
    return pace();
  },
  onTrouble: ({ retryInMs }) =>
    sentence("jobTrouble", `The server does not answer. Trying again in ${retryInMs / 1000} s.`),
  onRecovered: () => {
    sentence("jobTrouble", null);
    messages.remove("lost");
  },
  onLost: () => say({ tone: "danger", parts: [LOST], key: "lost" }),
  onRefused: (error) => refused(error),
});

const control = createControl({
  api,
  say,
  ask: (question) => confirm.ask(question),
  busy: (_, busy) => setCancelling(busy),
  gone: () => poller.poke(),
  changed: (_, what) => {
    if (what === "deleted") return location.assign("/");
    messages.clear();
    focusSomewhere(); // the button that was pressed may have been in a message
    poller.poke();
  },
});

/** What the message about the end offers. */
const endings = {
  resume: control.resume,
  retry: control.retry,
  show: (status) => items.goTo(status),
  // At worst the start page tells the end once more.
  dismissed: () => api.markSeen(jobId).catch(() => {}),
};

function pace() {
  if (document.hidden) return PACE_MS.hidden;
  // An ended job can be resumed from elsewhere, so it is still looked at, less often.
  return isSettled(job) ? PACE_MS.over : PACE_MS.running;
}

function update({ body, etag: tag }) {
  const before = job;
  job = body;
  etag = tag;
  if (!isActive(job)) cancelling = false;
  showSummary(job, { cancelling });
  attention.progress(isSettled(job) ? null : (job.progress.percent ?? 0));
  items.active = isActive(job);
  const ended = before !== null && !isSettled(before) && isSettled(job);
  if (ended) {
    confirm.dismiss(jobId);
    say(report(job, endings));
    attention.ended(job, plain(outcome(job).parts));
  }
  const due = isActive(job) && performance.now() - lastRead > REREAD_MS;
  if (before === null || before.status !== job.status || ended || due) reread();
}

/** Everything but the numbers changes slowly, or is of interest only at the end. */
async function reread() {
  lastRead = performance.now();
  items.load();
  try {
    const [failures, events] = await Promise.all([api.failures(jobId), api.events(jobId)]);
    showFailures(failures.failures);
    showEvents(events.events);
  } catch (error) {
    if (!error.passing) refused(error);
  }
}

function setCancelling(busy) {
  cancelling = busy;
  if (job) showSummary(job, { cancelling });
}

function refused(error) {
  if (error.status === 404) return deleted();
  say({ tone: "danger", parts: [`The server refused: ${error.sentence ?? error.message}`], key: "refused" });
}

/** Deleted elsewhere: what was read of it stays on the page, but nothing can be done to it. */
function deleted() {
  poller.stop();
  job = null;
  confirm.dismiss(jobId);
  attention.progress(null);
  messages.clear();
  showDeleted();
  say({ tone: "warning", parts: [DELETED], key: "refused" });
}

let startingAgain = false;
let leavingForNew = false;

async function again() {
  if (startingAgain) return;
  startingAgain = true;
  try {
    const started = await runAgain(api, jobId, order);
    leavingForNew = true;
    location.assign(`/jobs/${started.id}`);
  } catch (error) {
    const parts = [`The job was not started: ${error.sentence ?? error.message}`];
    say({ tone: "danger", parts, key: "again" });
    startingAgain = false;
  }
}

// Not before: until the next page is there, another click would start another job.
window.addEventListener("pagehide", () => {
  startingAgain = false;
  leavingForNew = false;
});

// The job goes on without the page; only a call that is on its way would be lost.
window.addEventListener("beforeunload", (event) => {
  if (control.sending || (startingAgain && !leavingForNew)) event.preventDefault();
});

const clicks = {
  pauseJobBtn: () => control.pause(jobId),
  continueJobBtn: () => control.proceed(jobId),
  cancelJobBtn: () => control.cancel(jobId, job),
  resumeJobBtn: () => control.resume(job),
  retryJobBtn: () => control.retry(job),
  againJobBtn: again,
  deleteJobBtn: () => control.remove(job),
};
for (const [id, run] of Object.entries(clicks)) onPress(byId(id), run);
attention.wireButton(byId("notifyBtn"));

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) poller.poke();
});
setInterval(() => {
  if (job && isActive(job) && !document.hidden) showDuration(job);
}, 1000);
poller.start();
