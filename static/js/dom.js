/** Makes elements. Every string becomes text or an attribute value, never markup. */

import { digitGroups } from "./format.js";

const SVG = "http://www.w3.org/2000/svg";

export function byId(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`The page has no element #${id}`);
  return element;
}

/**
 * A new element. `props`: `class`, `dataset`, `on` (event name -> listener), and attributes;
 * false, null and undefined leave an attribute out, true sets it empty. Children are elements,
 * strings or numbers (which get their digits in groups); null is left out.
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

/** A double click is one click: its second half could hit the button that came in place of this one. */
export function onPress(element, run) {
  element.addEventListener("click", (event) => {
    if (event.detail < 2) run();
  });
}

function append(element, children) {
  for (const child of children.flat()) {
    if (child === null || child === undefined || child === "") continue;
    element.append(typeof child === "number" ? number(child) : child);
  }
}

/** Replace an element's content, as in `h`. */
export function fill(element, ...children) {
  element.replaceChildren();
  append(element, children);
  return element;
}

/** 12400 as <span>12<span>400</span></span>: the comma is drawn, the text stays "12400". */
export function number(value) {
  const [first, ...rest] = digitGroups(value);
  const element = document.createElement("span");
  element.className = "number";
  element.append(first);
  for (const digits of rest) {
    const part = document.createElement("span");
    part.className = "digits";
    part.append(digits);
    element.append(part);
  }
  return element;
}

/** An icon of the sprite; decoration, so hidden from screen readers. */
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
 * the slashes go on from left to right: a Hebrew name must not turn the path around.
 */
export function pathText(path) {
  const names = path.split("/");
  const last = names.pop();
  const folders = names.flatMap((name) => [h("bdi", {}, name), "/"]);
  return h(
    "span",
    { class: "path", dir: "ltr" },
    folders.length > 0 ? h("span", { class: "path-folder" }, ...folders) : null,
    h("bdi", { class: "path-name" }, last),
  );
}

/** Show or hide by the attribute, which the style sheet honours for every element. */
export function toggle(element, shown) {
  const focused = !shown && element.contains(document.activeElement);
  element.hidden = !shown;
  if (focused) focusMain();
}

/** An id belongs to one element: the newest that offers the action takes it over. */
export function takeId(element, id) {
  document.getElementById(id)?.removeAttribute("id");
  element.id = id;
}

/** Whether the focus cannot stay on this element. */
export function isLost(element) {
  return element.disabled || !element.checkVisibility();
}

function focusMain() {
  byId("main").focus({ preventScroll: true });
}

/** For the keyboard, when the element that had the focus is gone. */
export function focusSomewhere() {
  if (document.activeElement === document.body) focusMain();
}
