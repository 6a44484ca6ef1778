/**
 * Follows one job at a time until nothing of it can change any more. DOM-free.
 *
 * Listeners: onStatus(job), onItems(items), onRestart(), onOver(job), onTrouble(trouble),
 * onRecovered(), onLost(), onGone(jobId), onRefused(error); pace() -> milliseconds between
 * two requests while all is well.
 */

import { createFeed } from "./feed.js";
import { Poller } from "./poller.js";
import { isSettled } from "./states.js";

export class Watch {
  #api;
  #on;
  #poller = null;
  #told = false;

  jobId = null;
  /** The last status object, or null before the first answer. */
  job = null;

  constructor(api, listeners) {
    this.#api = api;
    this.#on = listeners;
  }

  follow(jobId) {
    this.leave();
    this.jobId = jobId;
    this.#told = false;
    const feed = createFeed(this.#api, jobId);
    this.#poller = new Poller({
      ask: feed.ask,
      onAnswer: (answer) => this.#answered(answer),
      onTrouble: this.#on.onTrouble,
      onRecovered: this.#on.onRecovered,
      onLost: this.#on.onLost,
      onRefused: (error) => this.#refused(error),
    });
    this.#poller.start();
  }

  /** Stop following; the job itself goes on. */
  leave() {
    this.#poller?.stop();
    this.#poller = null;
    this.jobId = null;
    this.job = null;
  }

  /** Ask at once: something has happened, or the person looks again. */
  poke() {
    this.#poller?.poke();
  }

  #answered({ job, items, more, restarted, unchanged }) {
    this.job = job;
    if (restarted) this.#on.onRestart();
    if (items.length > 0) this.#on.onItems(items);
    // Seconds count on by themselves: an old status would set them back.
    if (!unchanged) this.#on.onStatus(job);
    const settled = isSettled(job);
    // At once: the end must not wait for a long list of items, which goes on if it is still shown.
    if (settled && !this.#told) this.#on.onOver(job);
    this.#told = settled;
    if (more) return 0;
    return settled ? null : this.#on.pace();
  }

  #refused(error) {
    const { jobId } = this;
    if (error.status === 404) this.#on.onGone(jobId);
    else this.#on.onRefused(error);
  }
}
