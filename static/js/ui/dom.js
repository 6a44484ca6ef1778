/** Creates elements. Every string becomes text or an attribute value, never markup. */

import { digitGroups } from "../text/format.js";
import { parts, written } from "../text/visible.js";

const SVG = "http://www.w3.org/2000/svg";

export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no element #${id}`);
  return element;
}

/**
 * A new element. `props`: `dataset`, `on` (event name -> listener) and attributes. An attribute
 * that is false, null or undefined is left out; true makes it empty. Children are elements,
 * strings (whose control and bidirectional characters are drawn written out), numbers (drawn with
 * their digits in groups) or null (left out).
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === false || value === null || value === undefined) continue;
    if (name === "dataset") Object.assign(element.dataset, value);
    else if (name === "on") listen(element, value);
    else element.setAttribute(name, value === true ? "" : value);
  }
  append(element, children);
  return element;
}

function listen(element, listeners) {
  for (const [event, listener] of Object.entries(listeners)) {
    element.addEventListener(event, listener);
  }
}

/** Like a click listener, but a double click counts once: its second half may hit a new button. */
export function onPress(element, run) {
  element.addEventListener("click", (event) => {
    if (event.detail < 2) run();
  });
}

function append(element, children) {
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === "") continue;
    if (typeof child === "string") element.append(...textNodes(child));
    else element.append(typeof child === "number" ? numberElement(child) : child);
  }
}

function textNodes(text, options) {
  return parts(text, options).map((part) => (typeof part === "string" ? part : hiddenElement(part.hidden)));
}

/** CSS draws “\u202e”; the text stays the character, which is not rendered and turns nothing. */
function hiddenElement(character) {
  const raw = document.createElement("span");
  raw.hidden = true;
  raw.append(character);
  return h("span", { class: "hidden-character", dataset: { written: written(character) } }, raw);
}

/** Replace an element's content. Children as in `h`. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

/** Show the sentence in the element with this id; null hides the element. */
export function showSentence(id, text) {
  fill(byId(id), text ?? "");
  toggle(byId(id), Boolean(text));
}

/** 12400 as <span>12<span>400</span></span>: CSS draws the comma, the text stays "12400". */
function numberElement(value) {
  const [first, ...rest] = digitGroups(value);
  const groups = rest.map((digits) => h("span", { class: "digits" }, digits));
  return h("span", { class: "number" }, first, ...groups);
}

/** An icon of the sprite, hidden from screen readers. */
export function icon(name, className = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon ${className}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${document.documentElement.dataset.icons}#${name}`);
  svg.append(use);
  return svg;
}

/**
 * A path with its folders in a quieter colour. Each name keeps its own writing direction while
 * the path runs from left to right: a Hebrew name must not reverse it.
 */
export function pathText(path) {
  const names = path.split("/");
  const last = names.pop();
  const text = (name) => textNodes(name, { isPath: true });
  const folders = names.flatMap((name) => [h("bdi", {}, ...text(name)), "/"]);
  return h(
    "span",
    { class: "path", dir: "ltr" },
    folders.length > 0 ? h("span", { class: "path-folder" }, ...folders) : null,
    h("bdi", { class: "path-name" }, ...text(last)),
  );
}

/** Show or hide an element. If the focus was in it, it moves to the main part of the page. */
export function toggle(element, shown) {
  const focused = !shown && element.contains(document.activeElement);
  element.hidden = !shown;
  if (focused) focusMain();
}

/** Give an element an id, which its previous owner loses. */
export function takeId(element, id) {
  document.getElementById(id)?.removeAttribute("id");
  element.id = id;
}

/** Return true if the element cannot keep the focus. */
export function losesFocus(element) {
  return element.disabled || !element.checkVisibility();
}

function focusMain() {
  byId("main").focus({ preventScroll: true });
}

/** Keep the keyboard on the page after the focused element was removed. */
export function restoreFocus() {
  if (document.activeElement === document.body) focusMain();
}
