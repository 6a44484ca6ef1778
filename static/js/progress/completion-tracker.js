/**
 * The jobs whose end this page has yet to announce, and the names to announce them by. DOM-free.
 *
 *   api             the API client
 *   isOpenElsewhere (jobId) -> true while another part of the page follows this job
 *   onFinished      (job, name) once for each job, when it is finished
 */

import { jobNames } from "../text/job-names.js";
import { isFinished } from "../text/job-status.js";

export class CompletionTracker {
  #api;
  #isOpenElsewhere;
  #onFinished;
  #names = new Map();
  #requested = new Set();

  constructor({ api, isOpenElsewhere, onFinished }) {
    this.#api = api;
    this.#isOpenElsewhere = isOpenElsewhere;
    this.#onFinished = onFinished;
  }

  track(jobId) {
    if (!this.#names.has(jobId)) this.#names.set(jobId, null);
  }

  /** Track jobs that end together. Several messages appear, so each names its job. */
  trackTogether(jobs) {
    const names = jobs.length > 1 ? jobNames(jobs) : new Map();
    for (const { id } of jobs) this.#names.set(id, names.get(id) ?? null);
  }

  /** Stop tracking the job. Returns the name for its message, or null if it needs none. */
  take(jobId) {
    const name = this.#names.get(jobId) ?? null;
    this.#names.delete(jobId);
    return name;
  }

  /** `jobs`: the current status of all jobs in the page's lists. Requests those not listed. */
  update(jobs) {
    const listed = new Map(jobs.map((job) => [job.id, job]));
    for (const jobId of [...this.#names.keys()]) {
      if (this.#isOpenElsewhere(jobId)) continue;
      if (listed.has(jobId)) this.#check(listed.get(jobId));
      else this.#request(jobId);
    }
  }

  async #request(jobId) {
    if (this.#requested.has(jobId)) return;
    this.#requested.add(jobId);
    try {
      const { body } = await this.#api.job(jobId);
      this.#check(body);
    } catch (error) {
      // A deleted job has no end to announce. After any other error, the next update tries again.
      if (error.notFound) this.take(jobId);
    }
    this.#requested.delete(jobId);
  }

  #check(job) {
    if (!isFinished(job) || !this.#names.has(job.id) || this.#isOpenElsewhere(job.id)) return;
    this.#onFinished(job, this.take(job.id));
  }
}
