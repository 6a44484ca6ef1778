/** Pages of a list: previous, next, a page by its number, the number of rows per page. */

import { byId, fill, toggle } from "./dom.js";

/** As few on a phone that the jobs below are not out of reach. */
const usualSize = () => (matchMedia("(width < 36rem)").matches ? "10" : "50");

export class Pager {
  #page = 1;
  #pages = 1;
  #number = byId("pageNumber");
  #size = byId("pageSize");
  #onTurn;

  /** `onTurn()` is called when the person wants another page. */
  constructor(onTurn) {
    this.#onTurn = onTurn;
    byId("pagePrevious").addEventListener("click", () => this.#turnTo(this.#page - 1));
    byId("pageNext").addEventListener("click", () => this.#turnTo(this.#page + 1));
    this.#number.addEventListener("change", () => this.#turnTo(Number.parseInt(this.#number.value, 10)));
    this.#size.addEventListener("change", () => {
      this.#page = 1;
      this.#onTurn();
    });
  }

  /** Rows of a page. */
  get size() {
    return Number(this.#size.value);
  }

  query() {
    return { page: this.#page, page_size: this.#size.value };
  }

  /** Set the page to ask for next. */
  setPage(page) {
    this.#page = page;
  }

  show({ page, pages, count }) {
    this.#page = page;
    this.#pages = Math.max(1, pages);
    this.#number.value = String(page);
    fill(byId("pageTotal"), "of ", this.#pages);
    const focused = document.activeElement;
    byId("pagePrevious").disabled = page <= 1;
    byId("pageNext").disabled = page >= this.#pages;
    // At the first and last page the pressed button cannot keep the focus.
    if (focused?.disabled) this.#number.focus();
    toggle(byId("pager"), count > Math.min(25, this.size));
  }

  #turnTo(page) {
    const wanted = Number.isInteger(page) ? Math.min(Math.max(1, page), this.#pages) : this.#page;
    this.#number.value = String(wanted);
    if (wanted === this.#page) return;
    this.#page = wanted;
    this.#onTurn();
  }

  /** Read the page and its size from the URL's parameters. */
  read(parameters) {
    const page = Number.parseInt(parameters.get("page") ?? "", 10);
    if (page > 0) this.#page = page;
    this.#size.value = parameters.get("rows") ?? usualSize();
    if (this.#size.selectedIndex < 0) this.#size.value = usualSize();
  }

  /** Write them to the URL's parameters; defaults are left out. */
  write(parameters) {
    if (this.#page > 1) parameters.set("page", String(this.#page));
    if (this.#size.value !== usualSize()) parameters.set("rows", this.#size.value);
  }
}
