/**
 * What a screen reader hears of the progress: at a rate that a person can bear. DOM-free.
 *
 * `say(text)` is called when ten percent more are done and ten seconds have passed since the
 * last time, and at once for what matters (the start, the end, trouble).
 */

const STEP_PERCENT = 10;
const STEP_MS = 10000;

export class Announcer {
  #say;
  #now;
  #lastPercent = null;
  #lastAt = -Infinity;

  constructor(say, now = () => performance.now()) {
    this.#say = say;
    this.#now = now;
  }

  progress(percent, text) {
    const step = this.#lastPercent === null || percent - this.#lastPercent >= STEP_PERCENT;
    if (!step || this.#now() - this.#lastAt < STEP_MS) return;
    this.#lastPercent = percent;
    this.now(text);
  }

  now(text) {
    this.#lastAt = this.#now();
    this.#say(text);
  }

  /** Another job: its first number is news again. */
  reset() {
    this.#lastPercent = null;
    this.#lastAt = -Infinity;
  }
}
