/**
 * Keeps the list of jobs up to date: those of other tabs, people and commands too. DOM-free.
 *
 * Listeners: onJobs({jobs, fresh, active, more}), where of `jobs` the older ones are as they once
 * were and all that are `fresh` as they are now; and onTrouble, onRecovered, onRefused of the Poller;
 * pace({active}) -> milliseconds to the next request.
 */

import { Poller } from "./poller.js";
import { isSettled } from "./states.js";

export class JobsPoll {
  #api;
  #on;
  #etag = null;
  #first = [];
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
      ask: (signal) => this.#ask(signal),
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

  /** The newest jobs, and those that are not over where these may be older. */
  async #ask(signal) {
    const newest = await this.#api.jobs({ page: 1 }, { etag: this.#etag, signal });
    const pages = newest.unchanged ? this.#pages : newest.body.pages;
    if (pages < 2) return { newest, busy: { body: { jobs: [] } } };
    const filter = { status: "active" };
    return { newest, busy: await this.#api.jobs(filter, { etag: this.#busyEtag, signal }) };
  }

  #answered({ newest, busy }) {
    if (!newest.unchanged) {
      this.#etag = newest.etag;
      this.#first = newest.body.jobs;
      this.#pages = newest.body.pages;
    }
    if (!busy.unchanged) {
      this.#busyEtag = busy.etag ?? null;
      this.#busy = busy.body.jobs;
    }
    this.#tell();
    return this.#on.pace({ active: this.#active().length });
  }

  #active() {
    const newest = new Set(this.#first.map((job) => job.id));
    const older = this.#busy.filter((job) => !newest.has(job.id));
    return [...this.#first.filter((job) => !isSettled(job)), ...older];
  }

  #tell() {
    const newest = new Set(this.#first.map((job) => job.id));
    const jobs = [...this.#first, ...this.#older.filter((job) => !newest.has(job.id))];
    const active = this.#active();
    const fresh = [...this.#first, ...active];
    this.#on.onJobs({ jobs, fresh, active, more: this.#page < this.#pages });
  }
}
