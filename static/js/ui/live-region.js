/**
 * Announces progress to screen readers, at a bearable rate. DOM-free.
 *
 * `write(text)` is called when the percentage has grown by ten and ten seconds have passed since
 * the last announcement; for the end of a job, at once.
 */

const STEP_PERCENT = 10;
const STEP_MS = 10000;

export class LiveRegion {
  #write;
  #now;
  #lastPercent = null;
  #lastAt = -Infinity;

  constructor(write, now = () => performance.now()) {
    this.#write = write;
    this.#now = now;
  }

  announceProgress(percent, text) {
    const step = this.#lastPercent === null || percent - this.#lastPercent >= STEP_PERCENT;
    if (!step || this.#now() - this.#lastAt < STEP_MS) return;
    this.#lastPercent = percent;
    this.announce(text);
  }

  announce(text) {
    this.#lastAt = this.#now();
    this.#write(text);
  }

  /** Another job: its first percentage is announced. */
  reset() {
    this.#lastPercent = null;
    this.#lastAt = -Infinity;
  }
}
