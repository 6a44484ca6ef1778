/**
 * Follows one job at a time until it is finished. DOM-free.
 *
 * Listeners: onStatus(job), onItems(items), onRestart(), onFinished(job), onTrouble(trouble),
 * onRecovered(), onLost(), onNotFound(jobId); interval() -> milliseconds between two requests.
 */

import { isFinished } from "../text/job-status.js";
import { createFeed } from "./job-feed.js";
import { Poller } from "./poller.js";

export class JobPoller {
  #api;
  #on;
  #poller = null;
  #announced = false;

  jobId = null;
  /** The last status object, or null before the first answer. */
  job = null;

  constructor(api, listeners) {
    this.#api = api;
    this.#on = listeners;
  }

  follow(jobId) {
    this.stop();
    this.jobId = jobId;
    this.#announced = false;
    this.#poller = new Poller({
      request: createFeed(this.#api, jobId).poll,
      onAnswer: (answer) => this.#answered(answer),
      onTrouble: this.#on.onTrouble,
      onRecovered: this.#on.onRecovered,
      onLost: this.#on.onLost,
      onNotFound: () => this.#on.onNotFound(jobId),
    });
    this.#poller.start();
  }

  /** Stop following. The job itself continues. */
  stop() {
    this.#poller?.stop();
    this.#poller = null;
    this.jobId = null;
    this.job = null;
  }

  pollNow() {
    this.#poller?.pollNow();
  }

  /** After an action of the person: an answer from before it is dropped. */
  pollAfresh() {
    this.#poller?.pollAfresh();
  }

  #answered({ job, items, more, restarted, unchanged }) {
    this.job = job;
    if (restarted) this.#on.onRestart();
    if (items.length > 0) this.#on.onItems(items);
    // The page counts seconds between two answers. An old status would set them back.
    if (!unchanged) this.#on.onStatus(job);
    const finished = isFinished(job);
    // The end does not wait for the remaining items, which keep coming if the job is still shown.
    if (finished && !this.#announced) this.#on.onFinished(job);
    this.#announced = finished;
    if (more) return 0;
    return finished ? null : this.#on.interval();
  }
}
