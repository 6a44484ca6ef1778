import assert from "node:assert/strict";
import test from "node:test";

import { replaceRows } from "../../../static/js/ui/replace-rows.js";
import { FakeElement, page } from "../dom.mjs";

function row(job, text, inner = null) {
  const element = new FakeElement("button");
  element.dataset.job = job;
  element.append(text, ...(inner ? [inner] : []));
  return element;
}

/** A list on a page. Set `state.pressed` to hold the mouse down on it. */
function setUp(...rows) {
  const place = new FakeElement("div");
  const state = { pressed: false };
  const matches = place.matches.bind(place);
  place.matches = (selector) => (selector === ":active" ? state.pressed : matches(selector));
  page({ place });
  place.append(...rows);
  return { place, state };
}

test("changed rows are replaced", () => {
  const { place } = setUp(row("a", "1%"));
  replaceRows(place, [row("b", "0%"), row("a", "2%")]);
  assert.deepEqual(place.children.map(({ textContent }) => textContent), ["0%", "2%"]);
});

test("equal rows stay in the page", () => {
  const before = row("a", "1%");
  const { place } = setUp(before);
  replaceRows(place, [row("a", "1%")]);
  assert.equal(place.children[0], before);
});

test("rows are not replaced while the mouse is down on them", () => {
  const { place, state } = setUp(row("a", "1%"));
  state.pressed = true;
  replaceRows(place, [row("a", "2%")]);
  assert.equal(place.textContent, "1%");
  state.pressed = false;
  replaceRows(place, [row("a", "2%")]);
  assert.equal(place.textContent, "2%");
});

test("the focus stays with its job when the job moves", () => {
  const { place } = setUp(row("a", "1%"), row("b", "1%"));
  place.children[1].focus();
  replaceRows(place, [row("b", "2%"), row("a", "2%")]);
  assert.equal(document.activeElement, place.children[0]);
});

test("the focus stays on the link of its job's row", () => {
  const { place } = setUp(row("a", "1%", new FakeElement("a")));
  place.querySelector("a").focus();
  replaceRows(place, [row("a", "2%", new FakeElement("a"))]);
  assert.equal(document.activeElement, place.querySelector("a"));
});

test("the focus moves to the main part if its job is no longer listed", () => {
  const { place } = setUp(row("a", "1%"));
  place.children[0].focus();
  replaceRows(place, [row("b", "1%")]);
  assert.equal(document.activeElement.id, "main");
});

test("a focus outside the list does not move", () => {
  const { place } = setUp(row("a", "1%"));
  const other = new FakeElement("input");
  other.focus();
  replaceRows(place, [row("b", "1%")]);
  assert.equal(document.activeElement, other);
});
