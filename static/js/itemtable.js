/** The job page's table of items: filter, search, pages, downloads of what is shown. */

import { query } from "./api.js";
import { byId, fill, h, icon, toggle } from "./dom.js";
import { itemRow } from "./itemrows.js";
import { onPause } from "./typing.js";

const ROWS = 100;

export class ItemTable {
  #api;
  #jobId;
  #list = byId("itemList");
  #search = byId("itemSearch");
  #buttons = [...byId("itemFilter").querySelectorAll("button")];
  #status = "";
  #rows = new Map();
  #pages = [null]; // addresses of the pages up to the one shown; null is the first
  #next = null;
  #request = null;

  /** Whether the job goes on. */
  active = false;

  constructor(api, jobId) {
    this.#api = api;
    this.#jobId = jobId;
    const given = new URLSearchParams(location.search);
    this.#search.value = given.get("search") ?? "";
    this.#choose(given.get("status") ?? "");
    for (const button of this.#buttons) {
      button.addEventListener("click", () => this.show(button.dataset.status));
    }
    this.#search.addEventListener("input", onPause(() => this.#fromStart()));
    byId("itemsPrevious").addEventListener("click", () => this.#turn(-1));
    byId("itemsNext").addEventListener("click", () => this.#turn(1));
  }

  /** Show the items of one status, "" for all. */
  show(status) {
    this.#choose(status);
    this.#fromStart();
  }

  /** Show them, and take the person there. */
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

  /** What is not processed of a job that goes on is still pending; the API has two words. */
  get #wanted() {
    return this.active && this.#status === "skipped" ? "pending" : this.#status;
  }

  #filter() {
    return { status: this.#wanted, search: this.#search.value.trim() };
  }

  #fromStart() {
    this.#pages = [null];
    const shown = query({ status: this.#status, search: this.#search.value.trim() });
    history.replaceState(null, "", shown || location.pathname);
    this.load();
  }

  #turn(step) {
    if (step > 0) {
      if (!this.#next) return; // pressed twice
      this.#pages.push(this.#next);
      this.#next = null;
    }
    if (step < 0 && this.#pages.length > 1) this.#pages.pop();
    this.load();
  }

  async load() {
    this.#request?.abort();
    const request = new AbortController();
    this.#request = request;
    this.#list.setAttribute("aria-busy", "true");
    this.#linkDownloads();
    const page = this.#pages.at(-1);
    try {
      const answer = page
        ? await this.#api.follow(page, request.signal)
        : await this.#api.items(this.#jobId, { ...this.#filter(), limit: ROWS }, request.signal);
      if (request.signal.aborted) return;
      this.#show(answer);
    } catch (error) {
      if (request.signal.aborted) return;
      this.#empty("warning", "The files cannot be listed", error.sentence ?? error.message);
    }
    this.#list.setAttribute("aria-busy", "false");
  }

  #show({ count, items, next }) {
    this.#next = next;
    fill(byId("itemCount"), count ?? "");
    if (items.length > 0) this.#refill(items);
    else this.#empty("search", "No files", this.#why());
    const before = (this.#pages.length - 1) * ROWS;
    toggle(byId("itemPager"), Boolean(next) || this.#pages.length > 1);
    fill(byId("itemPlace"), before + 1, " to ", before + items.length);
    byId("itemsPrevious").disabled = this.#pages.length === 1;
    byId("itemsNext").disabled = !next;
  }

  /** Rows that are as before stay as they are: somebody may be reading in one. */
  #refill(items) {
    const before = this.#rows;
    const found = items.map((item) => {
      const text = JSON.stringify(item);
      const row = before.get(text) ?? itemRow(item);
      before.delete(text); // two items may be alike
      return [text, row];
    });
    this.#rows = new Map(found);
    const rows = found.map(([, row]) => row);
    const same = rows.length === this.#list.children.length;
    if (!same || rows.some((row, place) => row !== this.#list.children[place])) fill(this.#list, rows);
  }

  #why() {
    if (this.#search.value.trim()) return "No name contains this text.";
    if (this.#status === "failed") return "No file of this job has failed.";
    if (this.#status === "skipped") return "Every file of this job was processed or still will be.";
    return "None yet.";
  }

  #empty(symbol, strong, text) {
    const content = h("div", { class: "empty" }, icon(symbol), h("strong", {}, strong), text);
    fill(this.#list, h("tr", {}, h("td", { colspan: "4" }, content)));
  }

  #linkDownloads() {
    const filter = query(this.#filter());
    byId("csvLink").href = `/api/jobs/${this.#jobId}/items.csv${filter}`;
    byId("jsonLink").href = `/api/jobs/${this.#jobId}/items.json${filter}`;
  }
}
