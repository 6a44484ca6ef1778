/** The files that are being processed, with their times, which count on between two answers. */

import { duration } from "../text/format.js";
import { fill, h, pathText, toggle } from "../ui/dom.js";

const MAX_FILES = 4;
const IDLE = "No file is being processed now.";
/** Room before the first answer: most machines have at least two workers. */
const USUAL_LINES = 2;
/** Below this, the time is left out. */
const MIN_SHOWN_SECONDS = 2;

export class RunningFiles {
  #place;
  #files = [];
  #lines = USUAL_LINES;
  #receivedAt = 0;
  #timer = null;

  constructor(place) {
    this.#place = place;
  }

  /** `files`: [{path, seconds}] */
  show(files) {
    this.#files = files.toSorted((one, other) => other.seconds - one.seconds);
    this.#receivedAt = performance.now();
    // The place keeps its largest height, so that what is below it does not jump.
    this.#lines = Math.max(this.#lines, Math.min(MAX_FILES, files.length));
    this.#place.style.setProperty("--lines", this.#lines);
    this.#draw();
    this.#timer ??= setInterval(() => this.#draw(), 1000);
  }

  /** Show the place as it is before the first answer. The room that it has had stays reserved. */
  reset() {
    this.#stop();
    this.show([]);
  }

  /** Hide the place: nothing will be processed any more. */
  hide() {
    this.#stop();
    toggle(this.#place, false);
  }

  #stop() {
    clearInterval(this.#timer);
    this.#timer = null;
  }

  #draw() {
    const passed = (performance.now() - this.#receivedAt) / 1000;
    toggle(this.#place, true);
    if (this.#files.length === 0) return fill(this.#place, h("span", { class: "quiet" }, IDLE));
    fill(
      this.#place,
      this.#files.slice(0, MAX_FILES).map(({ path, seconds }) => {
        const time = seconds + passed;
        return h(
          "div",
          { class: "current-item" },
          h("span", { class: "quiet" }, "Now"),
          h("span", { class: "current-path" }, pathText(path)),
          time >= MIN_SHOWN_SECONDS ? h("span", { class: "quiet" }, duration(time)) : null,
        );
      }),
    );
  }
}
