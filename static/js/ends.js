/**
 * Jobs whose end this page has yet to tell, and the names to tell them by. DOM-free.
 *
 *   api          the API client
 *   elsewhere    (jobId) -> whether somebody else looks after this job at the moment
 *   ended        (job, name) once for each, when nothing of it can change any more
 */

import { namesOf } from "./names.js";
import { isSettled } from "./states.js";

export class Ends {
  #api;
  #elsewhere;
  #ended;
  #names = new Map();
  #asking = new Set();

  constructor({ api, elsewhere, ended }) {
    this.#api = api;
    this.#elsewhere = elsewhere;
    this.#ended = ended;
  }

  follow(jobId) {
    if (!this.#names.has(jobId)) this.#names.set(jobId, null);
  }

  /** Jobs that end together: their messages stand beside each other, so each is told by its name. */
  followAll(jobs) {
    const names = jobs.length > 1 ? namesOf(jobs) : new Map();
    for (const { id } of jobs) this.#names.set(id, names.get(id) ?? null);
  }

  /** Forget the job; the name to tell its end by, or null where it needs none. */
  take(jobId) {
    const name = this.#names.get(jobId) ?? null;
    this.#names.delete(jobId);
    return name;
  }

  /** `jobs`: as they are now, those that the page's lists have. One that is not there is asked for. */
  look(jobs) {
    const listed = new Map(jobs.map((job) => [job.id, job]));
    for (const jobId of [...this.#names.keys()]) {
      if (this.#elsewhere(jobId)) continue;
      if (listed.has(jobId)) this.#seen(listed.get(jobId));
      else this.#ask(jobId);
    }
  }

  async #ask(jobId) {
    if (this.#asking.has(jobId)) return;
    this.#asking.add(jobId);
    try {
      const { body } = await this.#api.job(jobId);
      this.#seen(body);
    } catch (error) {
      // What is left of a deleted job is nothing to tell; any other error is for the next look.
      if (error.status === 404) this.take(jobId);
    }
    this.#asking.delete(jobId);
  }

  #seen(job) {
    if (!isSettled(job) || !this.#names.has(job.id) || this.#elsewhere(job.id)) return;
    this.#ended(job, this.take(job.id));
  }
}
