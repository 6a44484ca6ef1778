/**
 * The processed items that the progress dialog can show, and the window of them that it shows. Pure.
 *
 * The window has at most `size` rows, so that the page stays fast for any size of job. The last
 * `keep` items can be reached by moving the window, all of them on the job's own page.
 */

export class ItemWindow {
  #kept = { all: [], failed: [] };
  #dropped = { all: 0, failed: 0 };
  #filter = "all";
  #end = null; // one past the window's last item, or null while it follows the newest

  constructor({ size = 500, keep = 20000 } = {}) {
    this.size = size;
    this.keep = keep;
  }

  /** Add items in the order in which they arrived. */
  add(items) {
    this.#append("all", items);
    this.#append("failed", items.filter((item) => item.status === "failed"));
  }

  #append(name, items) {
    const list = this.#kept[name];
    for (const item of items) list.push(item);
    // Trimmed in large steps, because cutting the front of an array is slow.
    const surplus = list.length - this.keep;
    if (surplus < this.keep / 10) return;
    list.splice(0, surplus);
    this.#dropped[name] += surplus;
    if (name === this.#filter && this.#end !== null) {
      this.#end = Math.max(Math.min(this.size, list.length), this.#end - surplus);
    }
  }

  get filter() {
    return this.#filter;
  }

  /** "all" or "failed". The window moves to the newest of them. */
  set filter(name) {
    this.#filter = name;
    this.#end = null;
  }

  /** True if the window follows the newest items. */
  get following() {
    return this.#end === null;
  }

  counts() {
    const count = (name) => this.#kept[name].length + this.#dropped[name];
    return { all: count("all"), failed: count("failed") };
  }

  /** {items, before, after, dropped}: the window's items, and the number of others on each side. */
  view() {
    const list = this.#kept[this.#filter];
    const end = this.#end ?? list.length;
    const start = Math.max(0, end - this.size);
    return {
      items: list.slice(start, end),
      before: start,
      after: list.length - end,
      dropped: this.#dropped[this.#filter],
    };
  }

  earlier() {
    const list = this.#kept[this.#filter];
    const start = Math.max(0, (this.#end ?? list.length) - this.size);
    if (start > 0) this.#end = Math.max(Math.min(this.size, list.length), start);
  }

  later() {
    const list = this.#kept[this.#filter];
    const end = (this.#end ?? list.length) + this.size;
    this.#end = end >= list.length ? null : end;
  }

  newest() {
    this.#end = null;
  }
}
