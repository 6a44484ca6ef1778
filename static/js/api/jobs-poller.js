/**
 * Keeps the list of jobs up to date, including those of other tabs, people and commands. DOM-free.
 *
 * Listeners: onJobs({jobs, fresh, active, more}), where `jobs` also has older jobs as they were
 * when they were read, and `fresh` only jobs as they are now; onTrouble and onRecovered as in
 * Poller; interval({active}) -> milliseconds to the next request.
 */

import { isFinished } from "../text/job-status.js";
import { Poller } from "./poller.js";

export class JobsPoller {
  #api;
  #on;
  #newest = [];
  #newestEtag = null;
  #busy = [];
  #busyEtag = null;
  #older = [];
  #page = 1;
  #pages = 1;
  #poller;

  constructor(api, listeners) {
    this.#api = api;
    this.#on = listeners;
    this.#poller = new Poller({
      request: (signal) => this.#request(signal),
      onAnswer: (answer) => this.#answered(answer),
      onTrouble: listeners.onTrouble,
      onRecovered: listeners.onRecovered,
    });
  }

  start() {
    this.#poller.start();
  }

  pollNow() {
    this.#poller.pollNow();
  }

  /** Add the next page of older jobs below the newest ones. */
  async showOlder() {
    const { body } = await this.#api.jobs({ page: this.#page + 1 });
    this.#page += 1;
    this.#older.push(...body.jobs);
    this.#publish();
  }

  /** The newest jobs and, if there are more pages, the active ones of all pages. */
  async #request(signal) {
    const newest = await this.#api.jobs({ page: 1 }, { etag: this.#newestEtag, signal });
    const pages = newest.unchanged ? this.#pages : newest.body.pages;
    if (pages < 2) return { newest, busy: { body: { jobs: [] } } };
    const filter = { status: "active" };
    return { newest, busy: await this.#api.jobs(filter, { etag: this.#busyEtag, signal }) };
  }

  #answered({ newest, busy }) {
    if (!newest.unchanged) {
      this.#newestEtag = newest.etag;
      this.#newest = newest.body.jobs;
      this.#pages = newest.body.pages;
    }
    if (!busy.unchanged) {
      this.#busyEtag = busy.etag ?? null;
      this.#busy = busy.body.jobs;
    }
    const active = this.#publish();
    return this.#on.interval({ active: active.length });
  }

  #publish() {
    const ids = new Set(this.#newest.map((job) => job.id));
    const notNewest = (job) => !ids.has(job.id);
    const active = [
      ...this.#newest.filter((job) => !isFinished(job)),
      ...this.#busy.filter(notNewest),
    ];
    this.#on.onJobs({
      jobs: [...this.#newest, ...this.#older.filter(notNewest)],
      fresh: [...this.#newest, ...active],
      active,
      more: this.#page < this.#pages,
    });
    return active;
  }
}
