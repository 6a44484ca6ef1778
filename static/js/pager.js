/** Pages of the file list: previous, next, a page by its number, how many rows a page has. */

import { byId, fill, toggle } from "./dom.js";

const USUAL_SIZE = "50";

export class Pager {
  #page = 1;
  #pages = 1;
  #number = byId("pageNumber");
  #size = byId("pageSize");
  #turned;

  /** `turned()` is called when another page is wanted. */
  constructor(turned) {
    this.#turned = turned;
    byId("pagePrevious").addEventListener("click", () => this.#go(this.#page - 1));
    byId("pageNext").addEventListener("click", () => this.#go(this.#page + 1));
    this.#number.addEventListener("change", () => this.#go(Number.parseInt(this.#number.value, 10)));
    this.#size.addEventListener("change", () => {
      this.#page = 1;
      this.#turned();
    });
  }

  query() {
    return { page: this.#page, page_size: this.#size.value };
  }

  to(page) {
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

  #go(page) {
    const wanted = Number.isInteger(page) ? Math.min(Math.max(1, page), this.#pages) : this.#page;
    this.#number.value = String(wanted);
    if (wanted === this.#page) return;
    this.#page = wanted;
    this.#turned();
  }

  /** From and to the page's address. */
  read(values) {
    const page = Number.parseInt(values.get("page") ?? "", 10);
    if (page > 0) this.#page = page;
    this.#size.value = values.get("rows") ?? USUAL_SIZE;
    if (this.#size.selectedIndex < 0) this.#size.value = USUAL_SIZE;
  }

  write(values) {
    if (this.#page > 1) values.set("page", String(this.#page));
    if (this.#size.value !== USUAL_SIZE) values.set("rows", this.#size.value);
  }
}
