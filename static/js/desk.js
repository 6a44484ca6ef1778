/**
 * The job on the desk: the one in the dialog (open or minimised), from its start to the message
 * about its end. DOM-free: the page hands it the dialog and the other parts.
 *
 * Parts: api, dialog, details, messages, attention, announcer, confirm, control,
 * `settled()` (a job ended: lists are out of date), `draw()` (the set of running jobs or the
 * dialog's state changed), `refused(error)`, `pace(milliseconds)`.
 */

import { Ends } from "./ends.js";
import { outcome, plain } from "./outcome.js";
import { spoken } from "./progress.js";
import { report } from "./report.js";
import { isActive, isSettled } from "./states.js";
import { Watch } from "./watch.js";

const PACE_MS = { watching: 500, minimised: 2000 };
const LOST = "Lost connection to server. Job may still be running. Refresh to check status.";
const DELETED = "This job is not there any more: it was deleted.";

export class Desk {
  #parts;
  #watch;
  #ends;

  jobId = null;
  active = false;
  /** A cancel is on its way, or accepted and not yet seen in the status. */
  cancelling = false;

  constructor(parts) {
    this.#parts = parts;
    const { dialog, details, messages, pace, refused } = parts;
    this.#ends = new Ends({
      api: parts.api,
      elsewhere: (jobId) => jobId === this.jobId,
      ended: (job, name) => {
        this.#finish(job);
        this.tell(job, name);
      },
    });
    this.#watch = new Watch(parts.api, {
      onItems: (items) => details.add(items),
      onRestart: () => details.reset(`/jobs/${this.jobId}`),
      onStatus: (job) => this.#show(job),
      onOver: (job) => this.#over(job),
      onTrouble: ({ retryInMs }) => dialog.trouble(troubleText(retryInMs)),
      onRecovered: () => {
        dialog.trouble(null);
        messages.remove("lost");
      },
      onLost: () => messages.show({ tone: "danger", parts: [LOST], key: "lost" }),
      onGone: (jobId) => {
        this.forget(jobId);
        messages.show({ tone: "warning", parts: [DELETED], key: jobId });
      },
      onRefused: refused,
      pace: () => pace(dialog.isOpen ? PACE_MS.watching : PACE_MS.minimised),
    });
  }

  /** The last status of the job on the desk, or null. */
  get job() {
    return this.#watch.job;
  }

  /**
   * Put a job into the dialog and follow it; of `job` no more than the id need be known.
   * `keepsOthers`: what was said of other jobs stays.
   */
  open(job, { keepsOthers = false } = {}) {
    const { dialog, details, announcer, messages } = this.#parts;
    if (this.jobId !== job.id) {
      // What was said of earlier jobs would only be in the way of a new one.
      if (keepsOthers) [job.id, "lost", "refused"].forEach((key) => messages.remove(key));
      else messages.clear();
      Object.assign(this, { jobId: job.id, active: true, cancelling: false });
      this.#ends.follow(job.id);
      const href = `/jobs/${job.id}`;
      dialog.reset({ label: job.label, href });
      details.reset(href);
      announcer.reset();
      this.follow();
    }
    this.showDialog();
    const known = this.job ?? job;
    if (known.status) this.#show(known);
  }

  follow() {
    if (this.jobId && this.jobId === this.#watch.jobId) this.#watch.poke();
    else if (this.jobId) this.#watch.follow(this.jobId);
  }

  poke() {
    this.#watch.poke();
  }

  showDialog() {
    const { dialog, details, messages } = this.#parts;
    dialog.open();
    details.shown();
    messages.moveTo(dialog.messagesPlace);
    this.#parts.draw();
  }

  minimise() {
    this.#closeDialog();
    this.#parts.draw();
  }

  /** Close for good where the job is over, which also means that its end was seen. */
  close() {
    if (this.active) return this.minimise();
    if (this.jobId) this.#markSeen(this.jobId);
    this.#clear();
  }

  /** Nothing more is known of a job; its dialog closes. */
  forget(jobId) {
    this.#ends.take(jobId);
    if (jobId === this.jobId) this.#clear();
    this.#parts.settled();
  }

  setCancelling(jobId, cancelling) {
    if (jobId !== this.jobId) return;
    this.cancelling = cancelling;
    if (this.job) this.#parts.dialog.render(this.job, { cancelling });
  }

  /** After resume or retry: the same job from its beginning. */
  async again(jobId) {
    let job = { id: jobId };
    try {
      job = (await this.#parts.api.job(jobId)).body;
    } catch (error) {
      // What passes must not hide that the job goes on: the dialog tells it, and asks again.
      if (!error.passing) return this.#parts.refused(error);
    }
    if (jobId === this.jobId) this.#clear();
    // Several may have been cancelled together: the others can still be resumed.
    this.open(job, { keepsOthers: true });
  }

  /** Jobs that the person has cancelled together, in the dialog or not: each end will be told. */
  expectEnds(jobs) {
    this.#ends.followAll(jobs);
  }

  /** Tell the end of jobs that are followed while they are not in the dialog. */
  tellEnds(jobs) {
    this.#ends.look(jobs);
  }

  /** `name` where the label alone would not say which job it was. */
  tell(job, name = null) {
    const { messages, control } = this.#parts;
    messages.show(
      report(
        job,
        {
          resume: control.resume,
          retry: control.retry,
          dismissed: (ended) => this.#markSeen(ended.id),
        },
        name,
      ),
    );
  }

  /** The end of a job that came while nobody looked: told once, then it counts as seen. */
  tellUnseen(job) {
    this.tell(job);
    this.#markSeen(job.id);
  }

  #show(job) {
    const { dialog, attention, announcer, draw } = this.#parts;
    this.active = isActive(job);
    // Seen in the status from now on; the job may be resumed while its last files are finishing.
    if (!this.active) this.cancelling = false;
    dialog.render(job, { cancelling: this.cancelling });
    const running = !isSettled(job);
    attention.progress(running ? (job.progress.percent ?? 0) : null);
    if (running) announcer.progress(job.progress.percent ?? 0, spoken(job));
    draw(job);
  }

  #over(job) {
    const { dialog, details, confirm, announcer } = this.#parts;
    details.flush();
    Object.assign(this, { active: false, cancelling: false });
    confirm.dismiss(job.id);
    announcer.now(plain(outcome(job).parts));
    const name = this.#ends.take(job.id);
    this.#finish(job);
    if (job.status === "cancelled" || !dialog.isOpen) {
      this.#clear();
      this.tell(job, name);
    } else {
      dialog.complete(job);
    }
  }

  #finish(job) {
    const { attention, settled } = this.#parts;
    settled();
    attention.ended(job, plain(outcome(job).parts));
  }

  #clear() {
    this.#watch.leave();
    Object.assign(this, { jobId: null, active: false, cancelling: false });
    this.#parts.attention.progress(null);
    this.#closeDialog();
    this.#parts.draw();
  }

  #closeDialog() {
    this.#parts.dialog.close();
    this.#parts.messages.moveTo(null);
  }

  async #markSeen(jobId) {
    try {
      await this.#parts.api.markSeen(jobId);
    } catch {
      // The message was read all the same; at worst it is shown once more.
    }
  }
}

function troubleText(retryInMs) {
  const wait = `${retryInMs / 1000} s`;
  return `The server does not answer. The job goes on without the page; trying again in ${wait}.`;
}
