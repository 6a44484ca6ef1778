/** Pages of a list: previous, next, a page by its number, the number of rows per page. */

import { byId, fill, toggle } from "./dom.js";

const DEFAULT_SIZE = "50";

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
    byId("pagePrevious").disabled = page <= 1;
    byId("pageNext").disabled = page >= this.#pages;
    toggle(byId("pager"), count > Number(this.#size.options[0].value));
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
    this.#size.value = parameters.get("rows") ?? DEFAULT_SIZE;
    if (this.#size.selectedIndex < 0) this.#size.value = DEFAULT_SIZE;
  }

  /** Write them to the URL's parameters; defaults are left out. */
  write(parameters) {
    if (this.#page > 1) parameters.set("page", String(this.#page));
    if (this.#size.value !== DEFAULT_SIZE) parameters.set("rows", this.#size.value);
  }
}
