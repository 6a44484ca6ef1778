/** The page of one job: follows it, and offers the actions that its status allows. */

import { createApi } from "../api/client.js";
import { Poller } from "../api/poller.js";
import { Retry } from "../api/retry.js";
import { ItemTable } from "../jobs/item-table.js";
import { cancelFailure, createJobActions } from "../jobs/job-actions.js";
import { showEvents, showFailures } from "../jobs/job-events.js";
import { showDeleted, showDuration, showSummary } from "../jobs/job-summary.js";
import { rerun } from "../jobs/rerun.js";
import { Notifications } from "../progress/notifications.js";
import { TabIndicator } from "../progress/tab-indicator.js";
import { completionMessage } from "../text/completion-message.js";
import { isActive, isFinished } from "../text/job-status.js";
import { CONNECTION_LOST, JOB_DELETED, notStarted, reasonOf, trouble } from "../text/messages.js";
import { outcome, plain } from "../text/outcome.js";
import { ConfirmDialog } from "../ui/confirm-dialog.js";
import { byId, onPress, restoreFocus, showSentence } from "../ui/dom.js";
import { keepRoom } from "../ui/floating.js";
import { MessageList } from "../ui/message-list.js";
import { signInNotice } from "../ui/sign-in.js";
import "../ui/shortcuts.js";
import "../ui/theme.js";

const INTERVAL_MS = { active: 1000, finished: 5000, hidden: 15000 };
/** Items, failures and events of an active job are read at most this often. */
const RELOAD_MS = 4000;

const jobId = byId("job").dataset.job;
const order = JSON.parse(byId("jobOrder").textContent);
const messages = new MessageList(byId("messages"), byId("messagesHome"));
keepRoom(byId("messages"));
const notify = (message) => messages.show(message);
const api = createApi(signInNotice(messages, () => poller.pollNow()));
const confirmDialog = new ConfirmDialog();
const tabIndicator = new TabIndicator();
const notifications = new Notifications(byId("notifyBtn"));
const items = new ItemTable(api, jobId);
let job = null;
let etag = null;
let cancelling = false;
let reloadedAt = 0;

const poller = new Poller({
  request: (signal) => api.job(jobId, { etag, signal }),
  onAnswer: (answer) => {
    if (!answer.unchanged) update(answer);
    return interval();
  },
  onTrouble: ({ error, retryInMs }) => {
    showSentence("jobTrouble", trouble(error, retryInMs));
    if (!error.temporary) messages.remove("lost");
  },
  onRecovered: () => {
    showSentence("jobTrouble", null);
    messages.remove("lost");
  },
  onLost: () => notify({ tone: "danger", parts: [CONNECTION_LOST], key: "lost" }),
  onNotFound: deleted,
});

const jobActions = createJobActions({
  api,
  notify,
  ask: (question) => confirmDialog.ask(question),
  setCancelling: (_, value) => setCancelling(value),
  onNotFound: () => {
    messages.remove(cancelFailure(jobId));
    poller.pollNow();
  },
  onDone: (_, what) => {
    if (what === "deleted") return location.assign("/");
    messages.clear();
    restoreFocus(); // the pressed button may have been in a message
    poller.pollNow();
  },
});

/** The actions that the message about the end offers. */
const nextSteps = {
  resume: jobActions.resume,
  retry: jobActions.retry,
  showFiles: (status) => items.goTo(status),
  // After an error the start page announces the end again.
  dismissed: () => api.markSeen(jobId).catch(() => {}),
};

function interval() {
  if (document.hidden) return INTERVAL_MS.hidden;
  // A finished job is polled, too: it can be resumed from elsewhere.
  return isFinished(job) ? INTERVAL_MS.finished : INTERVAL_MS.active;
}

function update({ body, etag: newEtag }) {
  const before = job;
  job = body;
  etag = newEtag;
  const finished = isFinished(job);
  if (!isActive(job)) {
    cancelling = false;
    messages.remove(cancelFailure(jobId)); // no news any more
  }
  showSummary(job, { cancelling });
  tabIndicator.showPercent(finished ? null : (job.progress.percent ?? 0));
  items.active = isActive(job);
  const ended = before !== null && !isFinished(before) && finished;
  if (ended) {
    confirmDialog.dismiss(jobId);
    notify(completionMessage(job, nextSteps));
    notifications.notifyFinished(job, plain(outcome(job).parts));
  }
  const due = isActive(job) && performance.now() - reloadedAt > RELOAD_MS;
  if (before === null || before.status !== job.status || ended || due) reload();
}

/** Load what changes slowly: items, failures and events. */
function reload() {
  reloadedAt = performance.now();
  items.load();
  loadHistory();
}

const historyRetry = new Retry(loadHistory);

async function loadHistory() {
  historyRetry.cancel();
  try {
    const [failures, events] = await Promise.all([api.failures(jobId), api.events(jobId)]);
    showFailures(failures.failures);
    showEvents(events.events);
    historyRetry.succeeded();
  } catch (error) {
    historyRetry.failed(error); // what is wrong is shown by the poller
  }
}

function setCancelling(value) {
  cancelling = value;
  if (job) showSummary(job, { cancelling });
}

/** The job was deleted elsewhere: its numbers stay on the page, its buttons disappear. */
function deleted() {
  poller.stop();
  job = null;
  confirmDialog.dismiss(jobId);
  tabIndicator.showPercent(null);
  messages.clear();
  showDeleted();
  notify({ tone: "warning", parts: [JOB_DELETED], key: "deleted" });
}

let starting = false;
let leavingForNewJob = false;

async function runAgain() {
  if (starting) return;
  starting = true;
  try {
    const newJob = await rerun(api, jobId, order);
    leavingForNewJob = true;
    location.assign(`/jobs/${newJob.id}`);
  } catch (error) {
    notify({ tone: "danger", parts: [notStarted(reasonOf(error))], key: "rerun" });
    starting = false;
  }
}

// Reset only now: until the next page is there, another click would start another job.
window.addEventListener("pagehide", () => {
  starting = false;
  leavingForNewJob = false;
});

// The job continues without the page. Only a call that is being sent would be lost.
window.addEventListener("beforeunload", (event) => {
  if (jobActions.sending || (starting && !leavingForNewJob)) event.preventDefault();
});

const clicks = {
  pauseJobBtn: () => jobActions.pause(jobId),
  continueJobBtn: () => jobActions.continue(jobId, job),
  cancelJobBtn: () => jobActions.cancel(jobId, job),
  resumeJobBtn: () => jobActions.resume(job),
  retryJobBtn: () => jobActions.retry(job),
  rerunJobBtn: runAgain,
  deleteJobBtn: () => jobActions.remove(job),
};
for (const [id, run] of Object.entries(clicks)) onPress(byId(id), run);

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) poller.pollNow();
});
setInterval(() => {
  if (job && isActive(job) && !document.hidden) showDuration(job);
}, 1000);
poller.start();
