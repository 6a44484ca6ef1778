/** The selected files, by path. The selection survives paging and searching. DOM-free. */

export class Selection {
  #paths = new Set();
  #anchor = null;
  #onChange;

  constructor(onChange = () => {}) {
    this.#onChange = onChange;
  }

  get size() {
    return this.#paths.size;
  }

  has(path) {
    return this.#paths.has(path);
  }

  /** In the order in which they were selected. */
  paths() {
    return [...this.#paths];
  }

  /** Select or deselect a file; with `through`, also those of `shown` back to the last one set. */
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
    this.#onChange();
  }

  clear() {
    this.#paths.clear();
    this.#anchor = null;
    this.#onChange();
  }

  /** Return "all", "some" or "none": how many of the paths shown are selected. */
  coverage(shown) {
    const chosen = shown.filter((path) => this.#paths.has(path)).length;
    if (chosen === 0) return "none";
    return chosen === shown.length ? "all" : "some";
  }
}
