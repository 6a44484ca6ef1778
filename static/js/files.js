/**
 * The file list: search, filter by outcome, pages, selection. Its state stands in the address,
 * so that a reload and the back button come back to the same rows.
 */

import { byId, fill, toggle } from "./dom.js";
import { failedRow, fileRow, nothingRow } from "./filerows.js";
import { group } from "./format.js";
import { Pager } from "./pager.js";
import { Selection } from "./selection.js";
import { onPause } from "./typing.js";

export class FileList {
  #api;
  #list = byId("fileList");
  #search = byId("searchInput");
  #status = byId("statusFilter");
  #pager;
  #request = null;
  #files = [];
  #changed;

  selection = new Selection(() => this.#selectionChanged());

  /** `changed()` is called when the selection or the filter changes. */
  constructor(api, changed) {
    this.#api = api;
    this.#changed = changed;
    this.#pager = new Pager(() => this.load());
    this.#readAddress();
    this.#search.addEventListener("input", onPause(() => this.#filterChanged()));
    this.#status.addEventListener("change", () => this.#filterChanged());
    byId("clearSelectionBtn").addEventListener("click", () => this.selection.clear());
    byId("selectPage").addEventListener("change", (event) =>
      this.selection.setMany(this.#shown(), event.target.checked),
    );
  }

  get searchText() {
    return this.#search.value.trim();
  }

  get filtered() {
    return this.searchText !== "" || this.#status.value !== "";
  }

  /** Whether the list shows a search and nothing else, so that it can be processed as one. */
  get searchedOnly() {
    return this.searchText !== "" && this.#status.value === "";
  }

  /** Whether the library has no files at all, as far as the list knows. */
  get empty() {
    return this.count === 0 && !this.filtered;
  }

  count = 0;

  async load() {
    this.#request?.abort();
    const request = new AbortController();
    this.#request = request;
    this.#writeAddress();
    this.#list.setAttribute("aria-busy", "true");
    const filter = { search: this.searchText, status: this.#status.value, ...this.#pager.query() };
    try {
      const answer = await this.#api.files(filter, request.signal);
      if (request.signal.aborted) return;
      this.#show(answer);
    } catch (error) {
      if (request.signal.aborted) return;
      fill(this.#list, failedRow(error.sentence ?? error.message, () => this.load()));
    }
    this.#list.setAttribute("aria-busy", "false");
  }

  #show({ count, page, pages, files }) {
    if (page > pages) {
      // The list has become shorter; its last page is what comes nearest.
      this.#pager.to(pages);
      this.load();
      return;
    }
    this.#files = files;
    this.count = count;
    this.#pager.show({ page, pages, count });
    byId("fileCount").textContent = group(count);
    if (files.length > 0) this.#drawRows();
    else {
      const { library } = this.#list.dataset;
      const clear = () => this.#clearFilter();
      fill(this.#list, nothingRow({ filtered: this.filtered, library, clear }));
    }
    this.#selectionChanged();
  }

  #drawRows() {
    const choose = (path, chosen, event) =>
      this.selection.set(path, chosen, { through: event.shiftKey, shown: this.#shown() });
    const { selection } = this;
    fill(
      this.#list,
      this.#files.map((file, index) => fileRow(file, index, selection.has(file.path), choose)),
    );
  }

  #shown() {
    return this.#files.map((file) => file.path);
  }

  #selectionChanged() {
    for (const row of this.#list.querySelectorAll("tr[data-path]")) {
      const chosen = this.selection.has(row.dataset.path);
      row.querySelector("input").checked = chosen;
      row.classList.toggle("is-chosen", chosen);
    }
    const coverage = this.selection.coverage(this.#shown());
    const all = byId("selectPage");
    all.checked = coverage === "all";
    all.indeterminate = coverage === "some";
    all.disabled = this.#files.length === 0;
    toggle(byId("selectionBar"), this.selection.size > 0);
    fill(byId("selectionText"), this.selection.size, " selected");
    this.#changed();
  }

  #filterChanged() {
    this.#pager.to(1);
    this.load();
  }

  #clearFilter() {
    this.#search.value = "";
    this.#status.value = "";
    this.#filterChanged();
    this.#search.focus();
  }

  #readAddress() {
    const given = new URLSearchParams(location.search);
    this.#search.value = given.get("search") ?? "";
    this.#status.value = given.get("status") ?? "";
    if (this.#status.selectedIndex < 0) this.#status.value = "";
    this.#pager.read(given);
  }

  #writeAddress() {
    const values = new URLSearchParams();
    if (this.searchText) values.set("search", this.searchText);
    if (this.#status.value) values.set("status", this.#status.value);
    this.#pager.write(values);
    const text = values.toString();
    history.replaceState(null, "", text ? `?${text}` : location.pathname);
  }
}
