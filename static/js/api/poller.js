/**
 * Polls: sends a request, and schedules the next one after its answer, so that requests never
 * overlap. Knows nothing about what is requested.
 *
 * Options:
 *   request(signal)    -> promise of an answer; rejects with an ApiError
 *   onAnswer(answer)   -> milliseconds until the next request, or null to stop
 *   onTrouble({error, retryInMs, silentForMs})  after each error except the next
 *   onRecovered()      at the first answer after trouble
 *   onLost()           once, after `lostAfterMs` without an answer; polling continues
 *   onNotFound()       the API says that what is polled does not exist; polling has stopped
 */

const FIRST_RETRY_MS = 500;
const LONGEST_RETRY_MS = 8000;
export const LOST_AFTER_MS = 5 * 60 * 1000;
const REQUEST_TIMEOUT_MS = 30000;
/** After a computer wakes up, the last answer is old. One error does not mean a lost connection. */
const ERRORS_BEFORE_LOST = 3;

/** The wait after the nth error in a row (n = 1, 2, …): 0.5 s, doubling, at most 8 s. */
export function retryDelay(errors) {
  return Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** (errors - 1));
}

const browserClock = {
  now: () => performance.now(),
  set: (callback, ms) => setTimeout(callback, ms),
  clear: (timer) => clearTimeout(timer),
};

export class Poller {
  #options;
  #clock;
  #timer = null;
  #request = null;
  #running = false;
  #pollAgain = false;
  #discarded = null;
  #errors = 0;
  #answeredAt = 0;
  #lost = false;
  #lostTimer = null;

  constructor({ clock = browserClock, lostAfterMs = LOST_AFTER_MS, ...options }) {
    this.#clock = clock;
    this.#options = { onTrouble() {}, onRecovered() {}, onLost() {}, onNotFound() {}, lostAfterMs, ...options };
  }

  get running() {
    return this.#running;
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    this.#answeredAt = this.#clock.now();
    this.#poll();
  }

  stop() {
    this.#running = false;
    this.#clock.clear(this.#timer);
    this.#clock.clear(this.#lostTimer);
    this.#request?.abort();
  }

  /** Send the next request at once, or as soon as the current one is answered. */
  pollNow() {
    if (!this.#running) return;
    this.#pollAgain = true;
    if (this.#request) return;
    this.#clock.clear(this.#timer);
    this.#poll();
  }

  /**
   * Poll now without the answer that is on its way: it may be older than what the person has just
   * done, and would show the former state again.
   */
  pollAfresh() {
    if (!this.#request) return this.pollNow();
    this.#discarded = this.#request;
    this.#request.abort();
  }

  async #poll() {
    this.#pollAgain = false;
    const request = new AbortController();
    this.#request = request;
    // Without a timeout, a server that never answers would stop the polling for good.
    const timeout = this.#clock.set(() => request.abort(), REQUEST_TIMEOUT_MS);
    let answer;
    let error = null;
    try {
      answer = await this.#options.request(request.signal);
    } catch (caught) {
      error = caught;
    }
    this.#clock.clear(timeout);
    this.#request = null;
    if (!this.#running) return;
    if (this.#discarded === request) return this.#poll();
    const delay = error === null ? this.#answered(answer) : this.#failed(error);
    if (!this.#running) return;
    if (delay === null) {
      this.#running = false;
      return;
    }
    this.#timer = this.#clock.set(() => this.#poll(), this.#pollAgain ? 0 : delay);
  }

  #answered(answer) {
    const troubled = this.#errors > 0;
    this.#errors = 0;
    this.#heard();
    if (troubled) this.#options.onRecovered();
    return this.#options.onAnswer(answer);
  }

  #heard() {
    this.#answeredAt = this.#clock.now();
    this.#lost = false;
    this.#clock.clear(this.#lostTimer);
    this.#lostTimer = null;
  }

  #failed(error) {
    if (error.notFound) {
      this.stop();
      this.#options.onNotFound();
      return null;
    }
    this.#pollAgain = false;
    this.#errors += 1;
    // A refusal is an answer: the connection is not lost.
    if (!error.temporary) this.#heard();
    const silentForMs = this.#clock.now() - this.#answeredAt;
    const retryInMs = retryDelay(this.#errors);
    this.#options.onTrouble({ error, retryInMs, silentForMs });
    if (error.temporary) this.#watchSilence(this.#options.lostAfterMs - silentForMs);
    return retryInMs;
  }

  /** Calls onLost once, at the moment the silence has lasted too long. */
  #watchSilence(remainingMs) {
    if (this.#lost || !this.#running) return;
    if (remainingMs > 0) {
      this.#lostTimer ??= this.#clock.set(() => this.#watchSilence(0), remainingMs);
    } else if (this.#errors >= ERRORS_BEFORE_LOST) {
      this.#lost = true;
      this.#options.onLost();
    }
  }
}
