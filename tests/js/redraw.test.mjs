import assert from "node:assert/strict";
import test from "node:test";

import { redraw } from "../../static/js/redraw.js";
import { FakeElement, page } from "./dom.mjs";

function row(job, text, inner = null) {
  const element = new FakeElement("button");
  element.dataset.job = job;
  element.append(text, ...(inner ? [inner] : []));
  return element;
}

/** A list on a page; `pressed` is whether the mouse is down on it. */
function setUp(...rows) {
  const place = new FakeElement("div");
  const state = { pressed: false };
  const matches = place.matches.bind(place);
  place.matches = (selector) => (selector === ":active" ? state.pressed : matches(selector));
  page({ place });
  place.append(...rows);
  return { place, state };
}

test("rows that say something else are replaced", () => {
  const { place } = setUp(row("a", "1%"));
  redraw(place, [row("b", "0%"), row("a", "2%")]);
  assert.deepEqual(place.children.map(({ textContent }) => textContent), ["0%", "2%"]);
});

test("rows that say the same stay, and with them what is selected in their text", () => {
  const before = row("a", "1%");
  const { place } = setUp(before);
  redraw(place, [row("a", "1%")]);
  assert.equal(place.children[0], before);
});

test("nothing is replaced while the mouse is down on it", () => {
  const { place, state } = setUp(row("a", "1%"));
  state.pressed = true;
  redraw(place, [row("a", "2%")]);
  assert.equal(place.textContent, "1%");
  state.pressed = false;
  redraw(place, [row("a", "2%")]);
  assert.equal(place.textContent, "2%");
});

test("the focus stays with its job, wherever that is now", () => {
  const { place } = setUp(row("a", "1%"), row("b", "1%"));
  place.children[1].focus();
  redraw(place, [row("b", "2%"), row("a", "2%")]);
  assert.equal(document.activeElement, place.children[0]);
});

test("the focus goes to the link of a row that has one", () => {
  const { place } = setUp(row("a", "1%", new FakeElement("a")));
  place.querySelector("a").focus();
  redraw(place, [row("a", "2%", new FakeElement("a"))]);
  assert.equal(document.activeElement, place.querySelector("a"));
});

test("where its job is gone the focus is on the page, and not nowhere", () => {
  const { place } = setUp(row("a", "1%"));
  place.children[0].focus();
  redraw(place, [row("b", "1%")]);
  assert.equal(document.activeElement.id, "main");
});

test("a focus elsewhere is left alone", () => {
  const { place } = setUp(row("a", "1%"));
  const other = new FakeElement("input");
  other.focus();
  redraw(place, [row("b", "1%")]);
  assert.equal(document.activeElement, other);
});
