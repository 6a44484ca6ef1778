/**
 * The file list: search, filter by outcome, pages, selection. The URL holds its state, so that
 * a reload or the back button shows the same rows.
 */

import { Retry } from "../api/retry.js";
import { group } from "../text/format.js";
import { reasonOf } from "../text/messages.js";
import { debounce } from "../ui/debounce.js";
import { byId, fill, toggle } from "../ui/dom.js";
import { Pager } from "../ui/pager.js";
import { emptyRow, errorRow, fileRow } from "./file-row.js";
import { Selection } from "./selection.js";

export class FileList {
  #api;
  #list = byId("fileList");
  #search = byId("searchInput");
  #status = byId("statusFilter");
  #pager;
  #request = null;
  #paths = [];
  #onChange;
  #operation;
  #retry = new Retry(() => this.load());

  selection = new Selection(() => this.#selectionChanged());
  /** The number of files that match the filter, on all pages. */
  count = 0;

  /**
   * `onChange()` is called when the selection or the list changes; `operation()` names the one
   * whose outcomes are shown.
   */
  constructor(api, onChange, operation) {
    this.#api = api;
    this.#onChange = onChange;
    this.#operation = operation;
    this.#pager = new Pager(() => this.load());
    this.#readURL();
    this.#search.addEventListener("input", debounce(() => this.#filterChanged()));
    this.#status.addEventListener("change", () => this.#filterChanged());
    byId("clearSelectionBtn").addEventListener("click", () => {
      this.selection.clear();
      byId("selectPage").focus({ preventScroll: true }); // the pressed button disappears
    });
    this.#list.addEventListener("click", (event) => this.#clicked(event));
    // The cell around a small box takes a finger's press, too.
    this.#list.closest("table").addEventListener("click", ({ target }) => {
      if (target.matches(".cell-check")) target.firstElementChild.click();
    });
    byId("selectPage").addEventListener("change", (event) =>
      this.selection.setMany(this.#paths, event.target.checked),
    );
  }

  get searchText() {
    return this.#search.value.trim();
  }

  get filtered() {
    return this.searchText !== "" || this.#status.value !== "";
  }

  /** True if the list shows the result of a search, without any other filter. */
  get onlySearched() {
    return this.searchText !== "" && this.#status.value === "";
  }

  /** True if the library has no files, as far as the list knows. */
  get empty() {
    return this.count === 0 && !this.filtered;
  }

  /** Load the rows. After trouble that passes, they are loaded again automatically. */
  async load() {
    this.#request?.abort();
    this.#retry.cancel();
    const request = new AbortController();
    this.#request = request;
    this.#writeURL();
    this.#list.setAttribute("aria-busy", "true");
    const filter = {
      search: this.searchText,
      status: this.#status.value,
      operation: this.#operation(),
      ...this.#pager.query(),
    };
    try {
      const answer = await this.#api.files(filter, request.signal);
      if (request.signal.aborted) return;
      this.#retry.succeeded();
      this.#show(answer);
    } catch (error) {
      if (request.signal.aborted) return;
      this.#retry.failed(error);
      fill(this.#list, errorRow(reasonOf(error), () => this.load()));
    }
    this.#list.setAttribute("aria-busy", "false");
  }

  #show({ count, page, pages, files }) {
    if (page > pages) {
      // The list has become shorter since this page existed.
      this.#pager.setPage(pages);
      this.load();
      return;
    }
    this.#list.classList.remove("is-drawn");
    fill(this.#list, files.length > 0 ? files.map(fileRow) : this.#emptyRow());
    this.#drawn({ count, page, pages });
  }

  /** Take over the rows that came with the page, or load them if it has none. */
  start() {
    const { count, page, rows } = this.#list.dataset;
    // The browser keeps a page that it goes back to, which may be old.
    const [visit] = performance.getEntriesByType("navigation");
    const { size } = this.#pager;
    const usable = Number(rows) === size || (Number(page) === 1 && Number(rows) > size);
    if (!usable || visit?.type === "back_forward") return this.load();
    // A phone shows fewer rows than the server draws without being asked for a number.
    while (this.#list.childElementCount > size) this.#list.lastElementChild.remove();
    this.#list.classList.remove("is-drawn");
    this.#drawn({ count: Number(count), page: Number(page), pages: Math.ceil(count / size) });
  }

  #drawn({ count, page, pages }) {
    this.#paths = Array.from(this.#list.querySelectorAll("tr[data-path]"), (row) => row.dataset.path);
    this.count = count;
    this.#pager.show({ page, pages, count });
    byId("fileCount").textContent = group(count);
    this.#selectionChanged();
  }

  #clicked({ target, shiftKey }) {
    if (!target.matches(".cell-check input")) return;
    const { path } = target.closest("tr").dataset;
    this.selection.set(path, target.checked, { through: shiftKey, shown: this.#paths });
  }

  #emptyRow() {
    const { library } = this.#list.dataset;
    return emptyRow({ filtered: this.filtered, library, clear: () => this.#clearFilter() });
  }

  #selectionChanged() {
    for (const row of this.#list.querySelectorAll("tr[data-path]")) {
      const chosen = this.selection.has(row.dataset.path);
      row.querySelector("input").checked = chosen;
      row.classList.toggle("is-chosen", chosen);
    }
    const coverage = this.selection.coverage(this.#paths);
    const all = byId("selectPage");
    all.checked = coverage === "all";
    all.indeterminate = coverage === "some";
    all.disabled = this.#paths.length === 0;
    toggle(byId("selectionBar"), this.selection.size > 0);
    fill(byId("selectionText"), this.selection.size, " selected");
    this.#onChange();
  }

  #filterChanged() {
    this.#pager.setPage(1);
    this.load();
  }

  #clearFilter() {
    this.#search.value = "";
    this.#status.value = "";
    this.#filterChanged();
    this.#search.focus();
  }

  #readURL() {
    const parameters = new URLSearchParams(location.search);
    this.#search.value = parameters.get("search") ?? "";
    this.#status.value = parameters.get("status") ?? "";
    if (this.#status.selectedIndex < 0) this.#status.value = "";
    this.#pager.read(parameters);
  }

  #writeURL() {
    const parameters = new URLSearchParams();
    if (this.searchText) parameters.set("search", this.searchText);
    if (this.#status.value) parameters.set("status", this.#status.value);
    this.#pager.write(parameters);
    const text = parameters.toString();
    history.replaceState(null, "", text ? `?${text}` : location.pathname);
  }
}
