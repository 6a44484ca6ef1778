/**
 * Keeps the list of jobs up to date: those of other tabs, people and commands too. DOM-free.
 *
 * Listeners: onJobs({jobs, active, more}), and onTrouble, onRecovered, onRefused of the Poller;
 * pace({active}) -> milliseconds to the next request.
 */

import { Poller } from "./poller.js";
import { isSettled } from "./states.js";

export class JobsPoll {
  #api;
  #on;
  #etag = null;
  #first = [];
  #older = [];
  #page = 1;
  #pages = 1;
  #poller;

  constructor(api, listeners) {
    this.#api = api;
    this.#on = listeners;
    this.#poller = new Poller({
      ask: (signal) => api.jobs({ page: 1 }, { etag: this.#etag, signal }),
      onAnswer: (answer) => this.#answered(answer),
      onTrouble: listeners.onTrouble,
      onRecovered: listeners.onRecovered,
      onRefused: listeners.onRefused,
    });
  }

  start() {
    this.#poller.start();
  }

  poke() {
    this.#poller.poke();
  }

  /** The next page of older jobs, kept below the newest ones. */
  async showOlder() {
    const { body } = await this.#api.jobs({ page: this.#page + 1 });
    this.#page += 1;
    this.#older.push(...body.jobs);
    this.#tell();
  }

  #answered(answer) {
    if (!answer.unchanged) {
      this.#etag = answer.etag;
      this.#first = answer.body.jobs;
      this.#pages = answer.body.pages;
    }
    this.#tell();
    return this.#on.pace({ active: this.#active().length });
  }

  #active() {
    return this.#first.filter((job) => !isSettled(job));
  }

  #tell() {
    const newest = new Set(this.#first.map((job) => job.id));
    const jobs = [...this.#first, ...this.#older.filter((job) => !newest.has(job.id))];
    this.#on.onJobs({ jobs, active: this.#active(), more: this.#page < this.#pages });
  }
}
