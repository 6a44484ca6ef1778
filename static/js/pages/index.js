/**
 * The start page. The only module that knows the API client, the pollers, the dialogs and the
 * lists. It also defines the page's documented names: currentJobId, hasActiveJob,
 * showProgressModal(), pollJobStatus(), cancelCurrentJob(), completeProgress(),
 * closeProgressModal().
 */

import { createApi } from "../api/client.js";
import { JobsPoller } from "../api/jobs-poller.js";
import { persist } from "../api/retry.js";
import { FileList } from "../files/file-list.js";
import { wireRefreshButton } from "../files/refresh-button.js";
import { StartPanel } from "../files/start-panel.js";
import { cancelFailure, createJobActions } from "../jobs/job-actions.js";
import { showIndicator, showJobs } from "../jobs/job-list.js";
import { ItemList } from "../progress/item-list.js";
import { Notifications } from "../progress/notifications.js";
import { OPEN_JOB, ProgressController } from "../progress/progress-controller.js";
import { ProgressDialog } from "../progress/progress-dialog.js";
import { TabIndicator } from "../progress/tab-indicator.js";
import { isActive, isFinished } from "../text/job-status.js";
import { failedTo, trouble } from "../text/messages.js";
import { ConfirmDialog } from "../ui/confirm-dialog.js";
import { byId, losesFocus, toggle } from "../ui/dom.js";
import { keepRoom } from "../ui/floating.js";
import { LiveRegion } from "../ui/live-region.js";
import { MessageList } from "../ui/message-list.js";
import { signInNotice } from "../ui/sign-in.js";
import "../ui/shortcuts.js";
import { loadInTab } from "../ui/storage.js";
import "../ui/theme.js";

const INTERVAL_MS = { active: 2000, idle: 8000, hidden: 10000 };
/** A shorter silence of the server gets no message. */
const REPORTED_SILENCE_MS = 5000;

const messages = new MessageList(byId("messages"), byId("messagesHome"));
keepRoom(byId("messages"), byId("progressIndicator"));
const notify = (message) => messages.show(message);
const api = createApi(signInNotice(messages, askNow));
const confirmDialog = new ConfirmDialog();
const tabIndicator = new TabIndicator();
const notifications = new Notifications(byId("notifyBtn"));
const files = new FileList(
  api,
  () => startPanel.update(),
  () => startPanel.listedOperation,
);
let activeJobs = [];

const jobActions = createJobActions({
  api,
  notify,
  ask: (question) => confirmDialog.ask(question),
  setCancelling: (jobId, cancelling) => progress.setCancelling(jobId, cancelling),
  onNotFound: (jobId) => {
    messages.remove(cancelFailure(jobId));
    progress.forget(jobId);
  },
  onCancelledTogether: (jobs) => progress.trackTogether(jobs),
  onDone: (jobId, what) => {
    messages.remove("action");
    if (what === "cancelled") messages.remove(cancelFailure(jobId));
    jobsPoller.pollNow();
    if (what === "resumed") progress.reopen(jobId);
    else if (what === "paused") progress.acted(jobId, "paused");
    else progress.pollNow();
  },
});

const dialog = new ProgressDialog({
  onMinimise: () => {
    const { jobId } = progress;
    progress.minimise();
    focusBar(jobId);
  },
  onClose: () => progress.close(),
  onPause: () => jobActions.pause(progress.jobId),
  onContinue: () => jobActions.continue(progress.jobId, progress.job),
  onResume: () => jobActions.resume(progress.job),
  onRetry: () => jobActions.retry(progress.job),
  onSwitch: openById,
});

const progress = new ProgressController({
  api,
  dialog,
  messages,
  tabIndicator,
  notifications,
  confirmDialog,
  jobActions,
  interval,
  itemList: new ItemList(),
  liveRegion: new LiveRegion((text) => dialog.announce(text)),
  onFinished: () => {
    jobsPoller.pollNow();
    files.load();
  },
  onChange: showActiveJobs,
});

const jobsPoller = new JobsPoller(api, {
  onJobs: ({ jobs, fresh, active, more }) => {
    activeJobs = active;
    showJobs(jobs, { more });
    progress.announceFinished(fresh);
    fresh.forEach(forgetFailedCancel);
    showActiveJobs();
  },
  onTrouble: ({ error, silentForMs }) => {
    if (error.signedOut) return messages.remove("silence"); // it has a message of its own
    const brief = error.temporary && silentForMs < REPORTED_SILENCE_MS;
    if (brief || dialog.isOpen) return;
    notify({ tone: "warning", parts: [trouble(error)], key: "silence" });
  },
  onRecovered: () => messages.remove("silence"),
  interval: ({ active }) => interval(active > 0 ? INTERVAL_MS.active : INTERVAL_MS.idle),
});

const startPanel = new StartPanel({
  api,
  files,
  notify,
  onStarted: (job, selection) => {
    if (selection.files) files.selection.clear();
    progress.open(job);
    jobsPoller.pollNow();
  },
});

function interval(visibleMs) {
  return document.hidden ? INTERVAL_MS.hidden : visibleMs;
}

/** After a window that nobody opened here, the focus moves to the job's place in the bar. */
function focusBar(jobId) {
  const focused = document.activeElement;
  if (focused !== byId("main") && focused !== document.body && !losesFocus(focused)) return;
  byId("progressIndicator").querySelector(`[data-job="${jobId}"]`)?.focus();
}

function openById(jobId) {
  const job = activeJobs.find((candidate) => candidate.id === jobId);
  if (job) progress.open(job);
}

/** Draw the switcher and the indicator. `fresh`: a status newer than the one in the list. */
function showActiveJobs(fresh = null) {
  if (fresh) {
    forgetFailedCancel(fresh);
    activeJobs = activeJobs
      .map((job) => (job.id === fresh.id ? fresh : job))
      .filter((job) => !isFinished(job));
  }
  dialog.showSwitcher(activeJobs, progress.jobId);
  showIndicator(dialog.isOpen ? [] : activeJobs, openById);
  toggle(byId("cancelAllBtn"), activeJobs.some(isActive));
}

/** A cancel that failed is no news once the job has been cancelled or has ended. */
function forgetFailedCancel(job) {
  if (!isActive(job)) messages.remove(cancelFailure(job.id));
}

function askNow() {
  progress.pollNow();
  jobsPoller.pollNow();
}

function failedToLoad(what) {
  return (error) => notify({ tone: "danger", parts: [failedTo(`load ${what}`, error)], key: what });
}

/**
 * Open the window that was open in this tab before. A job that was started elsewhere, or whose
 * window was minimised, is followed in the bar.
 */
async function openActiveJob() {
  const lastOpen = loadInTab(OPEN_JOB);
  const newest = await api.activeJob();
  if (!newest || progress.jobId) return;
  const other = lastOpen && lastOpen !== newest.id ? await stillActive(lastOpen) : null;
  if (progress.jobId) return;
  if (other) progress.open(other);
  else if (isFinished(newest)) progress.announceUnseen(newest);
  else if (newest.id === lastOpen) progress.open(newest);
  else progress.follow(newest);
}

/** The job if it has not ended, else null. */
async function stillActive(jobId) {
  try {
    const { body } = await api.job(jobId);
    return isFinished(body) ? null : body;
  } catch (error) {
    if (error.notFound) return null;
    throw error;
  }
}

/** Return true while a call is being sent that leaving the page would lose. */
const isSending = () => startPanel.starting || jobActions.sending;

Object.defineProperties(window, {
  currentJobId: { get: () => progress.jobId },
  hasActiveJob: { get: () => progress.active || isSending() },
});

Object.assign(window, {
  showProgressModal: () => progress.showDialog(),
  pollJobStatus: () => progress.pollNow(),
  // Returns nothing, so that no caller waits for the person's answer.
  cancelCurrentJob: () => void (progress.active && jobActions.cancel(progress.jobId, progress.job)),
  completeProgress: () => dialog.complete(progress.job),
  closeProgressModal: () => progress.close(),
});

byId("cancelAllBtn").addEventListener("click", () => jobActions.cancelAll());
byId("moreJobsBtn").addEventListener("click", () =>
  jobsPoller.showOlder().then(() => messages.remove("older jobs"), failedToLoad("older jobs")),
);
wireRefreshButton({
  api,
  notify,
  files,
  dismiss: (key) => messages.remove(key),
  ask: (question) => confirmDialog.ask(question),
});

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) askNow();
});

// An active job needs no warning: it continues without the page.
window.addEventListener("beforeunload", (event) => {
  if (isSending()) event.preventDefault();
});

persist(() => startPanel.loadOperations()).catch(failedToLoad("the operations"));
files.start();
persist(openActiveJob).catch(failedToLoad("the current job"));
jobsPoller.start();
