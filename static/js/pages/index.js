/**
 * The start page. The only module that knows the API client, the pollers, the dialogs and the
 * lists. It also defines the page's documented names: currentJobId, hasActiveJob,
 * showProgressModal(), pollJobStatus(), cancelCurrentJob(), completeProgress(),
 * closeProgressModal().
 */

import { createApi } from "../api/client.js";
import { JobsPoller } from "../api/jobs-poller.js";
import { retryDelay } from "../api/poller.js";
import { FileList } from "../files/file-list.js";
import { wireRefreshButton } from "../files/refresh-button.js";
import { StartPanel } from "../files/start-panel.js";
import { createJobActions } from "../jobs/job-actions.js";
import { showIndicator, showJobs } from "../jobs/job-list.js";
import { ItemList } from "../progress/item-list.js";
import { ProgressController } from "../progress/progress-controller.js";
import { ProgressDialog } from "../progress/progress-dialog.js";
import { TabIndicator } from "../progress/tab-indicator.js";
import { isActive, isFinished } from "../text/job-status.js";
import { NO_RESPONSE, SIGNED_OUT, refusedMessage } from "../text/messages.js";
import { ConfirmDialog } from "../ui/confirm-dialog.js";
import { byId, toggle } from "../ui/dom.js";
import { LiveRegion } from "../ui/live-region.js";
import { MessageList } from "../ui/message-list.js";

const INTERVAL_MS = { active: 2000, idle: 8000, hidden: 10000 };
/** A shorter silence of the server gets no message. */
const REPORTED_SILENCE_MS = 5000;

const api = createApi();
const messages = new MessageList(byId("messages"), byId("messagesHome"));
const notify = (message) => messages.show(message);
const confirmDialog = new ConfirmDialog();
const tabIndicator = new TabIndicator();
const files = new FileList(api, () => startPanel.update());
let activeJobs = [];

const jobActions = createJobActions({
  api,
  notify,
  ask: (question) => confirmDialog.ask(question),
  setCancelling: (jobId, cancelling) => progress.setCancelling(jobId, cancelling),
  onNotFound: (jobId) => progress.forget(jobId),
  onCancelledTogether: (jobs) => progress.trackTogether(jobs),
  onDone: (jobId, what) => {
    messages.remove("action");
    jobsPoller.pollNow();
    if (what === "resumed") progress.reopen(jobId);
    else progress.pollNow();
  },
});

const dialog = new ProgressDialog({
  onMinimise: () => progress.minimise(),
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
  onRefused: refused,
});

const jobsPoller = new JobsPoller(api, {
  onJobs: ({ jobs, fresh, active, more }) => {
    activeJobs = active;
    showJobs(jobs, { more });
    progress.announceFinished(fresh);
    showActiveJobs();
  },
  onTrouble: ({ silentForMs }) => {
    if (silentForMs < REPORTED_SILENCE_MS || dialog.isOpen) return;
    notify({ tone: "warning", parts: [NO_RESPONSE], key: "silence" });
  },
  onRecovered: () => messages.remove("silence"),
  onRefused: refused,
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

function openById(jobId) {
  const job = activeJobs.find((candidate) => candidate.id === jobId);
  if (job) progress.open(job);
}

/** Draw the switcher and the indicator. `fresh`: a status newer than the one in the list. */
function showActiveJobs(fresh = null) {
  if (fresh) {
    activeJobs = activeJobs
      .map((job) => (job.id === fresh.id ? fresh : job))
      .filter((job) => !isFinished(job));
  }
  dialog.showSwitcher(activeJobs, progress.jobId);
  showIndicator(dialog.isOpen ? [] : activeJobs, openById);
  toggle(byId("cancelAllBtn"), activeJobs.some(isActive));
}

function refused(error) {
  const signedOut = error.status === 401 || error.status === 403;
  const next = encodeURIComponent(location.pathname + location.search);
  notify({
    tone: "danger",
    parts: [signedOut ? SIGNED_OUT : refusedMessage(error)],
    actions: signedOut ? [{ label: "Sign in", href: `/accounts/login/?next=${next}` }] : [],
    key: "refused",
  });
}

/** Repeat until it succeeds or the error is not temporary. */
async function persist(load, errors = 1) {
  try {
    await load();
  } catch (error) {
    if (!error.temporary) return refused(error);
    setTimeout(() => persist(load, errors + 1), retryDelay(errors));
  }
}

async function openActiveJob() {
  const job = await api.activeJob();
  if (!job || progress.jobId) return;
  if (isFinished(job)) progress.announceUnseen(job);
  else progress.open(job);
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
byId("moreJobsBtn").addEventListener("click", () => jobsPoller.showOlder().catch(refused));
tabIndicator.wireButton(byId("notifyBtn"));
wireRefreshButton({ api, notify, files });

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  progress.pollNow();
  jobsPoller.pollNow();
});

// An active job needs no warning: it continues without the page.
window.addEventListener("beforeunload", (event) => {
  if (isSending()) event.preventDefault();
});

persist(() => startPanel.loadOperations());
files.load();
persist(openActiveJob);
jobsPoller.start();
