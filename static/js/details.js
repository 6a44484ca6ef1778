/** The list of processed files in the dialog: draws the window that an ItemLog shows. */

import { byId, fill, h, icon, pathText, toggle } from "./dom.js";
import { ItemLog } from "./itemlog.js";

const NEAR_THE_END_PX = 40;
/** Thousands of items may come in a second; drawing them so often would make the page stick. */
const DRAW_EVERY_MS = 200;

function row(item) {
  const failed = item.status === "failed";
  return h(
    "li",
    { class: "item", dataset: { path: item.path, status: item.status } },
    icon(failed ? "cross" : "check"),
    h(
      "span",
      {},
      h("span", { class: "visually-hidden" }, failed ? "Failed: " : "Done: "),
      pathText(item.path),
    ),
    item.message ? h("bdi", { class: "item-message" }, item.message) : null,
  );
}

export class Details {
  #list = byId("progressDetails");
  #frame = byId("detailsFrame");
  #buttons = { all: byId("detailsAllBtn"), failed: byId("detailsFailedBtn") };
  #log = new ItemLog();
  #newest = null; // the item of the last row
  #pinned = true; // the view stays at the end until the person scrolls up
  #drawnAt = -Infinity;
  #timer = null;

  constructor() {
    for (const [name, button] of Object.entries(this.#buttons)) {
      button.addEventListener("click", () => this.#move(() => (this.#log.filter = name)));
    }
    byId("detailsEarlierBtn").addEventListener("click", () => this.#move(() => this.#log.earlier()));
    byId("detailsLaterBtn").addEventListener("click", () => this.#move(() => this.#log.later()));
    byId("detailsNewestBtn").addEventListener("click", () => this.#move(() => this.#log.newest()));
    this.#frame.addEventListener("scroll", () => this.#scrolled(), { passive: true });
  }

  /** Another job: an empty list. `href` is where all its items can be read. */
  reset(href) {
    this.#log = new ItemLog();
    this.#pinned = true;
    byId("detailsOlderLink").href = href;
    this.#draw();
  }

  /** The list has become visible; a browser forgets where a hidden one was scrolled to. */
  shown() {
    if (this.#pinned) this.#scrollToEnd();
    this.#showNewestButton();
  }

  add(items) {
    this.#log.add(items);
    if (this.#timer !== null) return;
    const wait = this.#drawnAt + DRAW_EVERY_MS - performance.now();
    if (wait <= 0) this.flush();
    else this.#timer = setTimeout(() => this.flush(), wait);
  }

  /** Draw now what was added. */
  flush() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#drawnAt = performance.now();
    if (this.#log.following) this.#appendNewest();
    this.#drawFrame();
    if (this.#pinned && this.#log.following) this.#scrollToEnd();
  }

  /** Only the rows that are new are made; the surplus goes at the front. */
  #appendNewest() {
    const { items } = this.#log.view();
    this.#appendRows(items.slice(items.lastIndexOf(this.#newest) + 1));
    // The browser's scroll anchoring keeps the place of someone who reads further up.
    while (this.#list.childElementCount > items.length) this.#list.firstElementChild.remove();
  }

  #appendRows(items) {
    this.#newest = items.at(-1) ?? this.#newest;
    this.#list.append(...items.map(row));
  }

  #move(change) {
    const wasFollowing = this.#log.following;
    change();
    this.#draw();
    this.#pinned = this.#log.following;
    if (this.#pinned) this.#scrollToEnd();
    else if (wasFollowing) this.#frame.scrollTop = this.#frame.scrollHeight;
    this.#frame.focus({ preventScroll: true });
  }

  #draw() {
    this.#list.replaceChildren();
    this.#newest = null;
    this.#appendRows(this.#log.view().items);
    this.#drawFrame();
  }

  #drawFrame() {
    const { before, after, dropped, items } = this.#log.view();
    const counts = this.#log.counts();
    fill(this.#buttons.all, "All ", counts.all > 0 ? counts.all : null);
    fill(this.#buttons.failed, "Failed ", counts.failed > 0 ? counts.failed : null);
    for (const [name, button] of Object.entries(this.#buttons)) {
      button.setAttribute("aria-pressed", String(name === this.#log.filter));
    }
    this.#step(byId("detailsEarlierBtn"), "Show earlier files: ", before);
    this.#step(byId("detailsLaterBtn"), "Show later files: ", after);
    toggle(byId("detailsOlderLink"), before === 0 && dropped > 0);
    byId("detailsEmpty").textContent =
      this.#log.filter === "failed" ? "No file has failed." : "Files appear here as they are done.";
    toggle(byId("detailsEmpty"), items.length === 0);
    this.#showNewestButton();
  }

  #step(button, label, count) {
    toggle(button, count > 0);
    if (count > 0) fill(button, label, count);
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#frame;
    if (clientHeight === 0) return;
    this.#pinned = this.#log.following && scrollHeight - scrollTop - clientHeight < NEAR_THE_END_PX;
    this.#showNewestButton();
  }

  #scrollToEnd() {
    this.#frame.scrollTop = this.#frame.scrollHeight;
  }

  #showNewestButton() {
    toggle(byId("detailsNewestBtn"), !this.#pinned);
  }
}
