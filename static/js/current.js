/** The files being processed now, and for how long; the seconds go on between two answers. */

import { fill, h, pathText, toggle } from "./dom.js";
import { duration } from "./format.js";

const AT_MOST = 4;
/** A file that is done at once is not worth a time. */
const WORTH_A_TIME_SECONDS = 2;

export class CurrentFiles {
  #place;
  #files = [];
  #lines = 0;
  #since = 0;
  #timer = null;

  constructor(place) {
    this.#place = place;
  }

  /** `files`: [{path, seconds}] */
  show(files) {
    this.#files = files.toSorted((one, other) => other.seconds - one.seconds);
    this.#since = performance.now();
    // The place keeps the height that it once had: what stands below it must not jump.
    this.#lines = Math.max(this.#lines, Math.min(AT_MOST, files.length));
    this.#place.style.setProperty("--lines", this.#lines);
    this.#draw();
    this.#timer ??= setInterval(() => this.#draw(), 1000);
  }

  /** Nothing is being processed, and no space is kept. */
  reset() {
    clearInterval(this.#timer);
    this.#timer = null;
    this.#lines = 0;
    toggle(this.#place, false);
  }

  #draw() {
    const passed = (performance.now() - this.#since) / 1000;
    toggle(this.#place, this.#lines > 0);
    fill(
      this.#place,
      this.#files.slice(0, AT_MOST).map(({ path, seconds }) => {
        const time = seconds + passed;
        return h(
          "div",
          { class: "current-item" },
          h("span", { class: "quiet" }, "Now"),
          h("span", { class: "current-path" }, pathText(path)),
          time >= WORTH_A_TIME_SECONDS ? h("span", { class: "quiet" }, duration(time)) : null,
        );
      }),
    );
  }
}
