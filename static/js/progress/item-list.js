/** The list of processed files in the progress dialog. Draws the rows of an ItemWindow. */

import { itemLabel, shownStatus } from "../text/item-status.js";
import { byId, fill, h, icon, pathText, toggle } from "../ui/dom.js";
import { ItemWindow } from "./item-window.js";

const NEAR_END_PX = 40;
/** Thousands of items may arrive in a second. Drawing each time would freeze the page. */
const DRAW_EVERY_MS = 200;
/** Rows drawn at once. The others follow when no items arrive, a part at a time. */
const PART = 50;

const SYMBOLS = { failed: "cross", warning: "warning" };

function row(item) {
  const shown = shownStatus(item);
  return h(
    "li",
    { class: `item is-${shown}`, dataset: { path: item.path, status: item.status } },
    icon(SYMBOLS[shown] ?? "check"),
    h(
      "span",
      {},
      h("span", { class: "visually-hidden" }, `${itemLabel(shown)}: `),
      pathText(item.path),
    ),
    item.message ? h("bdi", { class: "item-message" }, item.message) : null,
  );
}

export class ItemList {
  #list = byId("progressDetails");
  #frame = byId("detailsFrame");
  #buttons = { all: byId("detailsAllBtn"), failed: byId("detailsFailedBtn") };
  #window = new ItemWindow();
  #newest = null; // the item of the last row
  #pinned = true; // the view stays at the end until the person scrolls up
  #drawnAt = -Infinity;
  #timer = null;
  #filling = null;

  constructor() {
    for (const [name, button] of Object.entries(this.#buttons)) {
      button.addEventListener("click", () => this.#move(() => (this.#window.filter = name)));
    }
    byId("detailsEarlierBtn").addEventListener("click", () => this.#move(() => this.#window.earlier()));
    byId("detailsLaterBtn").addEventListener("click", () => this.#move(() => this.#window.later()));
    byId("detailsNewestBtn").addEventListener("click", () => this.#move(() => this.#window.newest()));
    this.#frame.addEventListener("scroll", () => this.#scrolled(), { passive: true });
  }

  /** Empty the list for another job, whose own page is at `href`. */
  reset(href) {
    this.#window = new ItemWindow();
    this.#pinned = true;
    byId("detailsOlderLink").href = href;
    this.#draw();
  }

  /** Call when the list becomes visible: browsers forget the scroll position of a hidden one. */
  shown() {
    if (this.#pinned) this.#scrollToEnd();
    this.#showNewestButton();
  }

  add(items) {
    this.#window.add(items);
    if (this.#timer !== null) return;
    const wait = this.#drawnAt + DRAW_EVERY_MS - performance.now();
    if (wait <= 0) this.flush();
    else this.#timer = setTimeout(() => this.flush(), wait);
  }

  /** Draw the added items now. */
  flush() {
    clearTimeout(this.#timer);
    this.#timer = null;
    this.#drawnAt = performance.now();
    if (this.#window.following) this.#appendNewest();
    this.#drawFrame();
    if (this.#pinned && this.#window.following) this.#scrollToEnd();
  }

  /** Creates only the new rows, the newest if there are many, and removes surplus ones in front. */
  #appendNewest() {
    const { items } = this.#window.view();
    const known = items.lastIndexOf(this.#newest);
    const fresh = items.slice(known + 1);
    // Rows before those of this part are filled in later. A person who reads further up keeps
    // the place: it is the browser's scroll anchoring that does it.
    if (known < 0 || (this.#pinned && fresh.length > PART)) this.#list.replaceChildren();
    this.#appendRows(this.#pinned ? fresh.slice(-PART) : fresh.slice(0, PART));
    while (this.#list.childElementCount > items.length) this.#list.firstElementChild.remove();
    this.#fillLater(DRAW_EVERY_MS);
  }

  #appendRows(items) {
    this.#newest = items.at(-1) ?? this.#newest;
    this.#list.append(...items.map(row));
  }

  #fillLater(ms) {
    clearTimeout(this.#filling);
    this.#filling = setTimeout(() => this.#fill(), ms);
  }

  /** Draw a part of the rows that are missing at the front, or else at the end. */
  #fill() {
    const { items } = this.#window.view();
    const end = items.lastIndexOf(this.#newest) + 1;
    const start = end - this.#list.childElementCount;
    if (start > 0) this.#list.prepend(...items.slice(Math.max(0, start - PART), start).map(row));
    else this.#appendRows(items.slice(end, end + PART));
    if (this.#pinned) this.#scrollToEnd();
    if (this.#list.childElementCount < items.length) this.#fillLater(0);
  }

  #move(change) {
    const wasFollowing = this.#window.following;
    change();
    this.#draw();
    this.#pinned = this.#window.following;
    if (this.#pinned) this.#scrollToEnd();
    else if (wasFollowing) this.#frame.scrollTop = this.#frame.scrollHeight;
    this.#frame.focus({ preventScroll: true });
  }

  #draw() {
    this.#list.replaceChildren();
    this.#newest = null;
    clearTimeout(this.#filling);
    this.#appendRows(this.#window.view().items);
    this.#drawFrame();
  }

  #drawFrame() {
    const { before, after, dropped, items } = this.#window.view();
    const counts = this.#window.counts();
    fill(this.#buttons.all, "All ", counts.all > 0 ? counts.all : null);
    fill(this.#buttons.failed, "Failed ", counts.failed > 0 ? counts.failed : null);
    for (const [name, button] of Object.entries(this.#buttons)) {
      button.setAttribute("aria-pressed", String(name === this.#window.filter));
    }
    this.#showStep(byId("detailsEarlierBtn"), "Show earlier files: ", before);
    this.#showStep(byId("detailsLaterBtn"), "Show later files: ", after);
    toggle(byId("detailsOlderLink"), before === 0 && dropped > 0);
    byId("detailsEmpty").textContent =
      this.#window.filter === "failed"
        ? "No file has failed."
        : "Files appear here as they are processed.";
    toggle(byId("detailsEmpty"), items.length === 0);
    this.#showNewestButton();
  }

  #showStep(button, label, count) {
    toggle(button, count > 0);
    if (count > 0) fill(button, label, count);
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.#frame;
    if (clientHeight === 0) return;
    this.#pinned = this.#window.following && scrollHeight - scrollTop - clientHeight < NEAR_END_PX;
    this.#showNewestButton();
  }

  #scrollToEnd() {
    this.#frame.scrollTop = this.#frame.scrollHeight;
  }

  #showNewestButton() {
    toggle(byId("detailsNewestBtn"), !this.#pinned);
  }
}
