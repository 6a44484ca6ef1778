/**
 * Asks again and again, one request at a time: the next is scheduled after the last answer, so
 * that requests never overlap. Knows neither what is asked nor who listens.
 *
 * Options:
 *   ask(signal)        -> promise of an answer; rejects with an error, `error.passing` if it may
 *                         go away by itself (no network, 5xx, 429)
 *   onAnswer(answer)   -> milliseconds until the next request, or null to stop
 *   onTrouble({error, retryInMs, silentForMs})  after each passing error
 *   onRecovered()      first answer after trouble
 *   onLost()           once, when there was no answer for `lostAfterMs`; it goes on asking
 *   onRefused(error)   an error that will not pass; polling has stopped
 */

export const FIRST_RETRY_MS = 500;
export const LONGEST_RETRY_MS = 8000;
export const LOST_AFTER_MS = 5 * 60 * 1000;
const ANSWER_WITHIN_MS = 30000;
/** A computer that slept was silent for long; one failure on waking up is no lost connection. */
const ERRORS_BEFORE_LOST = 3;

/** The wait after the nth error in a row (1, 2, …): 0.5 s doubling, at most 8 s. */
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
  #hurry = false;
  #errors = 0;
  #answeredAt = 0;
  #lost = false;
  #lostTimer = null;

  constructor({ clock = browserClock, lostAfterMs = LOST_AFTER_MS, ...options }) {
    this.#clock = clock;
    this.#options = { onTrouble() {}, onRecovered() {}, onLost() {}, lostAfterMs, ...options };
  }

  get running() {
    return this.#running;
  }

  start() {
    if (this.#running) return;
    this.#running = true;
    this.#answeredAt = this.#clock.now();
    this.#turn();
  }

  stop() {
    this.#running = false;
    this.#clock.clear(this.#timer);
    this.#clock.clear(this.#lostTimer);
    this.#request?.abort();
  }

  /** Ask now, or right after the answer that is under way. */
  poke() {
    if (!this.#running) return;
    this.#hurry = true;
    if (this.#request) return;
    this.#clock.clear(this.#timer);
    this.#turn();
  }

  async #turn() {
    this.#hurry = false;
    const request = new AbortController();
    this.#request = request;
    // A server that accepts and never answers would otherwise stop the polling for ever.
    const limit = this.#clock.set(() => request.abort(), ANSWER_WITHIN_MS);
    let answer;
    let error = null;
    try {
      answer = await this.#options.ask(request.signal);
    } catch (caught) {
      error = caught;
    }
    this.#clock.clear(limit);
    this.#request = null;
    if (!this.#running) return;
    const delay = error === null ? this.#answered(answer) : this.#failed(error);
    if (!this.#running) return;
    if (delay === null) {
      this.#running = false;
      return;
    }
    this.#timer = this.#clock.set(() => this.#turn(), this.#hurry ? 0 : delay);
  }

  #answered(answer) {
    const troubled = this.#errors > 0;
    this.#errors = 0;
    this.#answeredAt = this.#clock.now();
    this.#lost = false;
    this.#clock.clear(this.#lostTimer);
    this.#lostTimer = null;
    if (troubled) this.#options.onRecovered();
    return this.#options.onAnswer(answer);
  }

  #failed(error) {
    if (!error.passing) {
      this.stop();
      this.#options.onRefused(error);
      return null;
    }
    this.#hurry = false;
    this.#errors += 1;
    const silentForMs = this.#clock.now() - this.#answeredAt;
    const retryInMs = retryDelay(this.#errors);
    this.#options.onTrouble({ error, retryInMs, silentForMs });
    this.#watchSilence(this.#options.lostAfterMs - silentForMs);
    return retryInMs;
  }

  /** Tells once, at the moment when the silence has become too long. */
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
