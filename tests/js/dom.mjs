/** The parts of a browser's DOM that the modules under test use. No layout, no markup. */

class ClassList {
  names = new Set();
  add = (name) => this.names.add(name);
  remove = (name) => this.names.delete(name);
  toggle = (name, on) => (on ? this.add(name) : this.remove(name));
  contains = (name) => this.names.has(name);
}

export class FakeElement {
  #attributes = new Map();
  #listeners = new Map();
  children = [];
  parentElement = null;
  dataset = {};
  style = {};
  classList = new ClassList();
  hidden = false;
  disabled = false;

  constructor(tag, attributes = {}) {
    this.tag = tag;
    for (const [name, value] of Object.entries(attributes)) this.setAttribute(name, value);
  }

  setAttribute(name, value) {
    this.#attributes.set(name, String(value));
    if (name === "id" || name === "value") this[name] = value;
    if (name === "hidden" || name === "disabled" || name === "checked") this[name] = true;
  }

  getAttribute = (name) => this.#attributes.get(name) ?? null;

  removeAttribute(name) {
    this.#attributes.delete(name);
    if (name === "id") delete this.id;
  }

  get textContent() {
    return this.children.map((child) => child.textContent ?? child).join("");
  }

  set textContent(text) {
    this.replaceChildren(text);
  }

  get firstElementChild() {
    return this.elements()[0] ?? null;
  }

  get lastElementChild() {
    return this.elements().at(-1) ?? null;
  }

  append(...children) {
    for (const child of children) if (child instanceof FakeElement) child.#moveTo(this);
    this.children.push(...children);
  }

  #moveTo(parent) {
    this.remove();
    this.parentElement = parent;
  }

  remove() {
    if (!this.parentElement) return;
    this.parentElement.children = this.parentElement.children.filter((child) => child !== this);
    this.parentElement = null;
    if (this.contains(document.activeElement)) document.activeElement = document.body;
  }

  replaceChildren(...children) {
    for (const child of this.elements()) child.remove();
    this.children = [];
    this.append(...children);
  }

  elements = () => this.children.filter((child) => child instanceof FakeElement);
  all = () => this.elements().flatMap((child) => [child, ...child.all()]);
  contains = (other) => other === this || this.all().includes(other);

  /** Supported selectors: a tag, #id, [data-name], [data-name="value"], :focus. */
  matches(selector) {
    if (selector === ":focus") return document.activeElement === this;
    if (selector.startsWith("#")) return this.id === selector.slice(1);
    const data = /^\[data-([a-z-]+)(?:="(.*)")?\]$/.exec(selector);
    if (!data) return this.tag === selector;
    const name = data[1].replace(/-(.)/g, (_, letter) => letter.toUpperCase());
    return name in this.dataset && (data[2] ?? this.dataset[name]) === this.dataset[name];
  }

  querySelectorAll = (selector) => this.all().filter((element) => element.matches(selector));
  querySelector = (selector) => this.querySelectorAll(selector)[0] ?? null;
  closest = (selector) => (this.matches(selector) ? this : (this.parentElement?.closest(selector) ?? null));
  isEqualNode = (other) => this.#written() === other.#written();

  #written() {
    const attributes = [...this.#attributes, ...Object.entries(this.dataset)];
    const children = this.children.map((child) => (child instanceof FakeElement ? child.#written() : child));
    return JSON.stringify([this.tag, attributes, children]);
  }

  addEventListener(event, listener) {
    this.#listeners.set(event, [...(this.#listeners.get(event) ?? []), listener]);
  }

  /** Resolves when all listeners have finished, asynchronous ones included. */
  async dispatch(event) {
    for (const listener of this.#listeners.get(event) ?? []) await listener({ target: this, detail: 1 });
  }

  focus() {
    document.activeElement = this;
  }
}

/** Replaces the global page by one with these elements, {id: element}, and #main. */
export function page(elements = {}) {
  const body = new FakeElement("body");
  globalThis.document = {
    body,
    activeElement: body,
    documentElement: new FakeElement("html"),
    title: "Files",
    createElement: (tag) => new FakeElement(tag),
    createElementNS: (_, tag) => new FakeElement(tag),
    getElementById: (id) => body.querySelector(`#${id}`),
  };
  globalThis.CSS = { escape: (text) => text };
  for (const [id, element] of Object.entries({ main: new FakeElement("main"), ...elements })) {
    element.id = id;
    body.append(element);
  }
  return elements;
}

/** An in-memory localStorage. */
export function storage() {
  const stored = new Map();
  return {
    stored,
    getItem: (name) => stored.get(name) ?? null,
    setItem: (name, value) => stored.set(name, String(value)),
  };
}
