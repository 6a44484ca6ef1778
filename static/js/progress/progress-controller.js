/**
 * Follows the current job, the one in the dialog (open or minimised), from its start to the
 * message about its end. DOM-free: the page passes in the dialog and the other parts.
 *
 * Parts: api, dialog, itemList, messages, tabIndicator, notifications, liveRegion, confirmDialog, jobActions;
 * `onFinished()` is called when a job has finished and the page's lists are out of date,
 * `onChange(job)` when the active jobs or the state of the dialog have changed;
 * `interval(milliseconds)` adapts the time between two requests.
 */

import { JobPoller } from "../api/job-poller.js";
import { completionMessage } from "../text/completion-message.js";
import { isActive, isFinished } from "../text/job-status.js";
import { CONNECTION_LOST, JOB_DELETED, troubleWithJob } from "../text/messages.js";
import { outcome, plain } from "../text/outcome.js";
import { spoken } from "../text/progress.js";
import { saveInTab } from "../ui/storage.js";
import { CompletionTracker } from "./completion-tracker.js";

/** Where the tab keeps the id of the job whose dialog is open, over a reload. */
export const OPEN_JOB = "open-job";
const INTERVAL_MS = { open: 500, minimised: 2000 };

export class ProgressController {
  #parts;
  #poller;
  #tracker;

  jobId = null;
  active = false;
  /** True while a cancel is being sent, and until the status shows it. */
  cancelling = false;

  constructor(parts) {
    this.#parts = parts;
    const { dialog, itemList, messages, interval } = parts;
    this.#tracker = new CompletionTracker({
      api: parts.api,
      isOpenElsewhere: (jobId) => jobId === this.jobId,
      onFinished: (job, name) => {
        this.#signalFinished(job);
        this.announce(job, name);
      },
    });
    this.#poller = new JobPoller(parts.api, {
      onItems: (items) => itemList.add(items),
      onRestart: () => itemList.reset(`/jobs/${this.jobId}`),
      onStatus: (job) => this.#show(job),
      onFinished: (job) => this.#finished(job),
      onTrouble: ({ error, retryInMs }) => {
        dialog.showTrouble(troubleWithJob(error, retryInMs));
        if (!error.temporary) messages.remove("lost");
      },
      onRecovered: () => {
        dialog.showTrouble(null);
        messages.remove("lost");
      },
      onLost: () => messages.show({ tone: "danger", parts: [CONNECTION_LOST], key: "lost" }),
      onNotFound: (jobId) => this.#notFound(jobId),
      interval: () => interval(dialog.isOpen ? INTERVAL_MS.open : INTERVAL_MS.minimised),
    });
  }

  /** The last status of the current job, or null. */
  get job() {
    return this.#poller.job;
  }

  /**
   * Make a job the current one and open its dialog. `job` needs no more than its id.
   * `keepOthers`: keep the messages about other jobs.
   */
  open(job, { keepOthers = false } = {}) {
    this.#adopt(job, { keepOthers });
    this.showDialog();
    const known = this.job ?? job;
    if (known.status) this.#show(known);
  }

  /** Make a job the current one without opening its dialog: the page shows it in its bar. */
  follow(job) {
    this.#adopt(job, { keepOthers: true });
    this.#show(job);
  }

  #adopt(job, { keepOthers }) {
    const { dialog, itemList, liveRegion, messages } = this.#parts;
    if (this.jobId !== job.id) {
      if (keepOthers) [job.id, "lost"].forEach((key) => messages.remove(key));
      else messages.clear();
      Object.assign(this, { jobId: job.id, active: true, cancelling: false });
      this.#tracker.track(job.id);
      const href = `/jobs/${job.id}`;
      dialog.reset({ label: job.label, href });
      itemList.reset(href);
      liveRegion.reset();
      this.pollNow();
    }
  }

  /** Poll the current job now; start to follow it if nothing does yet. */
  pollNow() {
    if (this.jobId && this.jobId === this.#poller.jobId) this.#poller.pollNow();
    else if (this.jobId) this.#poller.follow(this.jobId);
  }

  /** Show what an action has made of the current job, before the next poll confirms it. */
  acted(jobId, status) {
    if (jobId !== this.jobId || !this.job) return this.pollNow();
    this.#show({ ...this.job, status, notice: null });
    this.#poller.pollAfresh();
  }

  showDialog() {
    const { dialog, itemList, messages, onChange } = this.#parts;
    dialog.open();
    itemList.shown();
    messages.moveTo(dialog.messagesPlace);
    saveInTab(OPEN_JOB, this.jobId);
    onChange();
  }

  minimise() {
    this.#closeDialog();
    this.#parts.onChange();
  }

  /** Close the dialog. A finished job counts as seen; an active one is only minimised. */
  close() {
    if (this.active) return this.minimise();
    if (this.jobId) this.#markSeen(this.jobId);
    this.#clear();
  }

  /** Drop a job that no longer exists or has been cancelled by others; its dialog closes. */
  forget(jobId) {
    this.#tracker.take(jobId);
    if (jobId === this.jobId) this.#clear();
    this.#parts.onFinished();
  }

  #notFound(jobId) {
    this.forget(jobId);
    this.#parts.messages.show({ tone: "warning", parts: [JOB_DELETED], key: jobId });
  }

  setCancelling(jobId, cancelling) {
    if (jobId !== this.jobId) return;
    this.cancelling = cancelling;
    if (this.job) this.#parts.dialog.render(this.job, { cancelling });
  }

  /** After a resume or retry: open the same job from its beginning. */
  async reopen(jobId) {
    let job = { id: jobId };
    try {
      job = (await this.#parts.api.job(jobId)).body;
    } catch (error) {
      // After other errors the dialog still opens: it shows the trouble, and tries again.
      if (error.notFound) return this.#notFound(jobId);
    }
    if (jobId === this.jobId) this.#clear();
    // Other jobs may have been cancelled with this one. Their messages offer to resume them.
    this.open(job, { keepOthers: true });
  }

  /** Announce the end of each of these jobs, in the dialog or not, once it comes. */
  trackTogether(jobs) {
    this.#tracker.trackTogether(jobs);
  }

  /** Announce tracked jobs that have finished outside the dialog. `jobs`: their current status. */
  announceFinished(jobs) {
    this.#tracker.update(jobs);
  }

  /** Show the message about a finished job, with `name` if the label alone would be ambiguous. */
  announce(job, name = null) {
    const { messages, jobActions } = this.#parts;
    const run = {
      resume: jobActions.resume,
      retry: jobActions.retry,
      dismissed: ({ id }) => this.#markSeen(id),
    };
    messages.show(completionMessage(job, run, name));
  }

  /** Announce a job that finished while the page was closed. After that it counts as seen. */
  announceUnseen(job) {
    this.announce(job);
    this.#markSeen(job.id);
  }

  #show(job) {
    const { dialog, tabIndicator, liveRegion, onChange } = this.#parts;
    this.active = isActive(job);
    // The status shows the cancel from now on. The job may be resumed while files are finishing.
    if (!this.active) this.cancelling = false;
    dialog.render(job, { cancelling: this.cancelling });
    const percent = job.progress.percent ?? 0;
    tabIndicator.showPercent(isFinished(job) ? null : percent);
    if (!isFinished(job)) liveRegion.announceProgress(percent, spoken(job));
    onChange(job);
  }

  #finished(job) {
    const { dialog, itemList, confirmDialog, liveRegion } = this.#parts;
    itemList.flush();
    Object.assign(this, { active: false, cancelling: false });
    confirmDialog.dismiss(job.id);
    liveRegion.announce(plain(outcome(job).parts));
    const name = this.#tracker.take(job.id);
    this.#signalFinished(job);
    if (job.status === "cancelled" || !dialog.isOpen) {
      this.#clear();
      this.announce(job, name);
    } else {
      dialog.complete(job);
    }
  }

  #signalFinished(job) {
    const { notifications, onFinished } = this.#parts;
    onFinished();
    notifications.notifyFinished(job, plain(outcome(job).parts));
  }

  #clear() {
    this.#poller.stop();
    Object.assign(this, { jobId: null, active: false, cancelling: false });
    this.#parts.tabIndicator.showPercent(null);
    this.#closeDialog();
    this.#parts.onChange();
  }

  #closeDialog() {
    saveInTab(OPEN_JOB, null);
    this.#parts.dialog.close();
    this.#parts.messages.moveTo(null);
  }

  async #markSeen(jobId) {
    try {
      await this.#parts.api.markSeen(jobId);
    } catch {
      // At worst the message is shown again.
    }
  }
}
