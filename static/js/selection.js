/** The chosen files, by path. Survives paging and searching; knows no DOM. */

export class Selection {
  #paths = new Set();
  #anchor = null;
  #changed;

  constructor(changed = () => {}) {
    this.#changed = changed;
  }

  get size() {
    return this.#paths.size;
  }

  has(path) {
    return this.#paths.has(path);
  }

  /** In the order in which they were chosen. */
  paths() {
    return [...this.#paths];
  }

  /** Choose or drop one; with `through`, all from the last one touched to it, as listed in `shown`. */
  set(path, chosen, { through = false, shown = [] } = {}) {
    const [from, to] = [shown.indexOf(this.#anchor), shown.indexOf(path)];
    const range =
      through && from >= 0 && to >= 0
        ? shown.slice(Math.min(from, to), Math.max(from, to) + 1)
        : [path];
    this.#anchor = path;
    this.setMany(range, chosen);
  }

  setMany(paths, chosen) {
    for (const path of paths) {
      if (chosen) this.#paths.add(path);
      else this.#paths.delete(path);
    }
    this.#changed();
  }

  clear() {
    this.#paths.clear();
    this.#anchor = null;
    this.#changed();
  }

  /** Of the paths shown: "all", "some" or "none" are chosen. */
  coverage(shown) {
    const chosen = shown.filter((path) => this.#paths.has(path)).length;
    if (chosen === 0) return "none";
    return chosen === shown.length ? "all" : "some";
  }
}
