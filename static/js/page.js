/**
 * The start page. The only module that knows the API client, the poller, the dialog and the
 * lists; it also gives the page's documented names: currentJobId, hasActiveJob,
 * showProgressModal(), pollJobStatus(), cancelCurrentJob(), completeProgress(),
 * closeProgressModal().
 */

import { Announcer } from "./announcer.js";
import { createApi } from "./api.js";
import { Attention } from "./attention.js";
import { Confirm } from "./confirm.js";
import { createControl } from "./control.js";
import { Desk } from "./desk.js";
import { Details } from "./details.js";
import { ProgressDialog } from "./dialog.js";
import { byId, toggle } from "./dom.js";
import { FileList } from "./files.js";
import { showIndicator, showJobs } from "./joblist.js";
import { JobsPoll } from "./jobspoll.js";
import { Messages } from "./messages.js";
import { retryDelay } from "./poller.js";
import { wireRefresh } from "./refresh.js";
import { StartPanel } from "./start.js";
import { isActive, isSettled } from "./states.js";

const PACE_MS = { running: 2000, idle: 8000, hidden: 10000 };
const SILENCE_WORTH_TELLING_MS = 5000;

const api = createApi();
const messages = new Messages(byId("messages"), byId("messagesHome"));
const say = (message) => messages.show(message);
const confirm = new Confirm();
const attention = new Attention();
const files = new FileList(api, () => start.update());
let activeJobs = [];

const control = createControl({
  api,
  say,
  ask: (question) => confirm.ask(question),
  busy: (jobId, busy) => desk.setCancelling(jobId, busy),
  gone: (jobId) => desk.forget(jobId),
  ending: (cancelled) => desk.expectEnds(cancelled),
  changed: (jobId, what) => {
    messages.remove("control");
    jobs.poke();
    if (what === "resumed") desk.again(jobId);
    else desk.poke();
  },
});

const dialog = new ProgressDialog({
  onMinimize: () => desk.minimise(),
  onClose: () => desk.close(),
  onPause: () => control.pause(desk.jobId),
  onContinue: () => control.proceed(desk.jobId),
  onResume: () => control.resume(desk.job),
  onRetry: () => control.retry(desk.job),
  onSwitch: openById,
});

const desk = new Desk({
  api,
  dialog,
  messages,
  attention,
  confirm,
  control,
  refused,
  pace,
  details: new Details(),
  announcer: new Announcer((text) => dialog.announce(text)),
  settled: () => {
    jobs.poke();
    files.load();
  },
  draw: drawActive,
});

const jobs = new JobsPoll(api, {
  onJobs: ({ jobs: shown, fresh, active, more }) => {
    activeJobs = active;
    showJobs(shown, { more });
    desk.tellEnds(fresh);
    drawActive();
  },
  onTrouble: ({ silentForMs }) => {
    if (silentForMs < SILENCE_WORTH_TELLING_MS || dialog.isOpen) return;
    say({ tone: "warning", parts: ["The server does not answer. Trying again."], key: "silence" });
  },
  onRecovered: () => messages.remove("silence"),
  onRefused: refused,
  pace: ({ active }) => pace(active > 0 ? PACE_MS.running : PACE_MS.idle),
});

const start = new StartPanel({
  api,
  files,
  say,
  started: (job, selection) => {
    if (selection.files) files.selection.clear();
    desk.open(job);
    jobs.poke();
  },
});

function pace(usual) {
  return document.hidden ? PACE_MS.hidden : usual;
}

function openById(jobId) {
  const job = activeJobs.find((candidate) => candidate.id === jobId);
  if (job) desk.open(job);
}

/** The switcher and the indicator; `fresh` is a status newer than the list's. */
function drawActive(fresh = null) {
  if (fresh) {
    activeJobs = activeJobs
      .map((job) => (job.id === fresh.id ? fresh : job))
      .filter((job) => !isSettled(job));
  }
  dialog.switcher(activeJobs, desk.jobId);
  showIndicator(dialog.isOpen ? [] : activeJobs, openById);
  toggle(byId("cancelAllBtn"), activeJobs.some(isActive));
}

function refused(error) {
  const signedOut = error.status === 401 || error.status === 403;
  const next = encodeURIComponent(location.pathname + location.search);
  const reason = error.sentence ?? error.message;
  say({
    tone: "danger",
    parts: [signedOut ? "You are signed out." : `The server refused: ${reason}`],
    actions: signedOut ? [{ label: "Sign in", href: `/accounts/login/?next=${next}` }] : [],
    key: "refused",
  });
}

/** Until it has worked; what is no passing error is told. */
async function persist(load, errors = 1) {
  try {
    await load();
  } catch (error) {
    if (!error.passing) return refused(error);
    setTimeout(() => persist(load, errors + 1), retryDelay(errors));
  }
}

async function resumeWatching() {
  const job = await api.activeJob();
  if (!job || desk.jobId) return;
  if (isSettled(job)) desk.tellUnseen(job);
  else desk.open(job);
}

/** A call that would be lost with the page. */
const onItsWay = () => start.starting || control.sending;

Object.defineProperties(window, {
  currentJobId: { get: () => desk.jobId },
  hasActiveJob: { get: () => desk.active || onItsWay() },
});

Object.assign(window, {
  showProgressModal: () => desk.showDialog(),
  pollJobStatus: () => desk.follow(),
  // Returns nothing: whoever calls it must not wait until the person has answered.
  cancelCurrentJob: () => void (desk.active && control.cancel(desk.jobId, desk.job)),
  completeProgress: () => dialog.complete(desk.job),
  closeProgressModal: () => desk.close(),
});

byId("cancelAllBtn").addEventListener("click", () => control.cancelAll());
byId("moreJobsBtn").addEventListener("click", () => jobs.showOlder().catch(refused));
attention.wireButton(byId("notifyBtn"));
wireRefresh({ api, say, files });

document.addEventListener("visibilitychange", () => {
  if (document.hidden) return;
  desk.poke();
  jobs.poke();
});

// Not for every active job: one that runs goes on without the page.
window.addEventListener("beforeunload", (event) => {
  if (onItsWay()) event.preventDefault();
});

persist(() => start.load());
files.load();
persist(resumeWatching);
jobs.start();
