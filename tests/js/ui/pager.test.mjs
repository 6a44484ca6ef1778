import assert from "node:assert/strict";
import test from "node:test";

import { Pager } from "../../../static/js/ui/pager.js";
import { FakeElement, page } from "../dom.mjs";

/** A select of sizes; as in a browser, an unknown value selects nothing. */
function sizes() {
  const select = new FakeElement("select");
  select.options = ["25", "50", "100", "200"].map((value) => ({ value }));
  let chosen = 1;
  Object.defineProperties(select, {
    selectedIndex: { get: () => chosen },
    value: {
      get: () => select.options[chosen]?.value ?? "",
      set: (value) => (chosen = select.options.findIndex((option) => option.value === value)),
    },
  });
  return select;
}

function setUp({ at = 1, pages = 9, count = 430 } = {}) {
  const parts = page({
    pagePrevious: new FakeElement("button"),
    pageNext: new FakeElement("button"),
    pageNumber: new FakeElement("input"),
    pageSize: sizes(),
    pageTotal: new FakeElement("span"),
    pager: new FakeElement("nav"),
  });
  const turned = [];
  const pager = new Pager(() => turned.push(pager.query().page));
  pager.show({ page: at, pages, count });
  const type = (text) => {
    parts.pageNumber.value = text;
    return parts.pageNumber.dispatch("change");
  };
  return { ...parts, nav: parts.pager, pager, turned, type };
}

// A wide window.
globalThis.matchMedia = () => ({ matches: false });

test("previous and next turn one page, and are disabled at the ends", async () => {
  const { turned, pagePrevious, pageNext, pager } = setUp({ at: 1, pages: 2 });
  assert.deepEqual([pagePrevious.disabled, pageNext.disabled], [true, false]);
  await pageNext.dispatch("click");
  pager.show({ page: 2, pages: 2, count: 100 });
  assert.deepEqual([pagePrevious.disabled, pageNext.disabled], [false, true]);
  await pagePrevious.dispatch("click");
  assert.deepEqual(turned, [2, 1]);
});

test("a typed page number is limited to the pages, and ignored if it is not a number", async () => {
  const { turned, type, pageNumber, pageTotal } = setUp();
  assert.equal(pageTotal.textContent, "of 9");
  for (const text of ["4", "4", "99", "0", "two"]) await type(text);
  assert.deepEqual(turned, [4, 9, 1]);
  assert.equal(pageNumber.value, "1");
});

test("another number of rows turns to the first page", async () => {
  const { pager, turned, pageSize } = setUp({ at: 4 });
  pageSize.value = "100";
  await pageSize.dispatch("change");
  assert.deepEqual(turned, [1]);
  assert.deepEqual(pager.query(), { page: 1, page_size: "100" });
});

test("the pager is shown if the smallest page does not hold all rows", () => {
  const { pager, nav } = setUp({ pages: 1, count: 25 });
  assert.equal(nav.hidden, true);
  pager.show({ page: 1, pages: 1, count: 26 });
  assert.equal(nav.hidden, false);
});

test("the URL holds only what is not the default, and is read again", () => {
  const { pager } = setUp({ at: 3 });
  const parameters = new URLSearchParams();
  pager.write(parameters);
  assert.equal(parameters.toString(), "page=3");
  const other = setUp().pager;
  other.read(new URLSearchParams("page=7&rows=200"));
  assert.deepEqual(other.query(), { page: 7, page_size: "200" });
});

test("an invalid URL means the first page with the default size", () => {
  const { pager } = setUp();
  pager.read(new URLSearchParams("page=-2&rows=33"));
  assert.deepEqual(pager.query(), { page: 1, page_size: "50" });
});
