/** The table of items on a job's page: filter, search, pages, downloads of what is shown. */

import { query } from "../api/client.js";
import { Retry } from "../api/retry.js";
import { reasonOf } from "../text/messages.js";
import { debounce } from "../ui/debounce.js";
import { byId, fill, h, icon, toggle } from "../ui/dom.js";
import { itemRow } from "./item-row.js";

const PAGE_SIZE = 100;
/** `url`: null for the first page; `before`: the rows of earlier pages, which may differ in size. */
const FIRST = { url: null, before: 0 };

export class ItemTable {
  #api;
  #jobId;
  #list = byId("itemList");
  #search = byId("itemSearch");
  #buttons = [...byId("itemFilter").querySelectorAll("button")];
  #status = "";
  #rows = new Map();
  #pages = [FIRST]; // those up to the one shown
  #shown = 0; // rows of the page that is shown
  #next = null;
  #request = null;
  #retry = new Retry(() => this.load());

  /** Set by the page: true while the job is active. */
  active = false;

  constructor(api, jobId) {
    this.#api = api;
    this.#jobId = jobId;
    const parameters = new URLSearchParams(location.search);
    this.#search.value = parameters.get("search") ?? "";
    this.#choose(parameters.get("status") ?? "");
    for (const button of this.#buttons) {
      button.addEventListener("click", () => this.show(button.dataset.status));
    }
    this.#search.addEventListener("input", debounce(() => this.#filterChanged()));
    byId("itemsPrevious").addEventListener("click", () => this.#turn(-1));
    byId("itemsNext").addEventListener("click", () => this.#turn(1));
  }

  /** Show the items of one status, "" for all. */
  show(status) {
    this.#choose(status);
    this.#filterChanged();
  }

  /** Show them, and move the focus there. */
  goTo(status) {
    this.show(status);
    this.#buttons.find((button) => button.dataset.status === status)?.focus();
  }

  #choose(status) {
    const known = this.#buttons.some((button) => button.dataset.status === status);
    this.#status = known ? status : "";
    for (const button of this.#buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.status === this.#status));
    }
  }

  get #searchText() {
    return this.#search.value.trim();
  }

  /** “Not processed” has two names in the API: pending in an active job, skipped afterwards. */
  #filter() {
    const pending = this.active && this.#status === "skipped";
    return { status: pending ? "pending" : this.#status, search: this.#searchText };
  }

  #filterChanged() {
    this.#pages = [FIRST];
    const shown = query({ status: this.#status, search: this.#searchText });
    history.replaceState(null, "", shown || location.pathname);
    this.load();
  }

  #turn(step) {
    if (step > 0) {
      if (!this.#next) return; // pressed twice
      this.#pages.push({ url: this.#next, before: this.#pages.at(-1).before + this.#shown });
      this.#next = null;
    }
    if (step < 0 && this.#pages.length > 1) this.#pages.pop();
    this.load();
  }

  async load() {
    this.#request?.abort();
    this.#retry.cancel();
    const request = new AbortController();
    this.#request = request;
    this.#list.setAttribute("aria-busy", "true");
    this.#linkDownloads();
    const { url } = this.#pages.at(-1);
    try {
      const answer = url
        ? await this.#api.nextPage(url, request.signal)
        : await this.#api.items(this.#jobId, { ...this.#filter(), limit: PAGE_SIZE }, request.signal);
      if (request.signal.aborted) return;
      this.#retry.succeeded();
      this.#show(answer);
    } catch (error) {
      if (request.signal.aborted) return;
      this.#retry.failed(error);
      this.#showEmpty("warning", "The files cannot be listed", reasonOf(error));
    }
    this.#list.setAttribute("aria-busy", "false");
  }

  #show({ count, items, next }) {
    this.#next = next;
    this.#shown = items.length;
    fill(byId("itemCount"), count ?? "");
    if (items.length > 0) this.#showRows(items);
    else this.#showEmpty("search", "No files", this.#whyEmpty());
    const { before } = this.#pages.at(-1);
    toggle(byId("itemPager"), Boolean(next) || this.#pages.length > 1);
    fill(byId("itemPlace"), before + 1, " to ", before + items.length);
    byId("itemsPrevious").disabled = this.#pages.length === 1;
    byId("itemsNext").disabled = !next;
  }

  /** Keeps the rows that have not changed: a person may be reading the details of one. */
  #showRows(items) {
    const before = this.#rows;
    const entries = items.map((item) => {
      const text = JSON.stringify(item);
      const row = before.get(text) ?? itemRow(item);
      before.delete(text); // two items may be equal
      return [text, row];
    });
    this.#rows = new Map(entries);
    const rows = entries.map(([, row]) => row);
    const same = rows.length === this.#list.children.length;
    if (!same || rows.some((row, place) => row !== this.#list.children[place])) fill(this.#list, rows);
  }

  #whyEmpty() {
    if (this.#searchText) return "No file name contains this text.";
    if (this.#status === "failed") return "No file of this job has failed.";
    if (this.#status === "skipped") return "No file of this job is left to process.";
    return "None yet.";
  }

  #showEmpty(symbol, strong, text) {
    const content = h("div", { class: "empty" }, icon(symbol), h("strong", {}, strong), text);
    fill(this.#list, h("tr", {}, h("td", { colspan: "4" }, content)));
  }

  #linkDownloads() {
    const filter = this.#filter();
    // Spreadsheets take the text for UTF-8 only after a byte order mark.
    const { columns } = byId("csvLink").dataset;
    byId("csvLink").href = `/api/jobs/${this.#jobId}/items.csv${query({ ...filter, bom: 1, columns })}`;
    byId("jsonLink").href = `/api/jobs/${this.#jobId}/items.json${query(filter)}`;
  }
}
