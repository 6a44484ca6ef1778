import assert from "node:assert/strict";
import test from "node:test";

import { ItemWindow } from "../../../static/js/progress/item-window.js";

const numbered = (from, to, status = "succeeded") =>
  Array.from({ length: to - from }, (_, index) => ({ path: `${from + index}`, status }));
const paths = (window) => window.view().items.map(({ path }) => Number(path));

test("the window shows the newest items, at most its size", () => {
  const window = new ItemWindow({ size: 10, keep: 100 });
  window.add(numbered(0, 35));
  const { items, before, after, dropped } = window.view();
  assert.equal(items.length, 10);
  assert.deepEqual([before, after, dropped], [25, 0, 0]);
  assert.equal(paths(window).at(-1), 34);
});

test("earlier reaches every kept item, and newest follows again", () => {
  const window = new ItemWindow({ size: 10, keep: 100 });
  window.add(numbered(0, 35));
  const seen = new Set(paths(window));
  while (window.view().before > 0) {
    window.earlier();
    for (const path of paths(window)) seen.add(path);
  }
  assert.equal(seen.size, 35);
  assert.equal(paths(window)[0], 0);
  assert.equal(window.following, false);
  window.newest();
  assert.equal(window.following, true);
  assert.equal(paths(window).at(-1), 34);
});

test("later moves forward until the window follows the newest", () => {
  const window = new ItemWindow({ size: 10, keep: 100 });
  window.add(numbered(0, 35));
  window.earlier();
  window.earlier();
  assert.deepEqual([paths(window)[0], paths(window).at(-1)], [5, 14]);
  window.later();
  assert.equal(paths(window).at(-1), 24);
  window.later();
  assert.equal(window.following, true);
});

test("a moved window stays on its items while others are added", () => {
  const window = new ItemWindow({ size: 10, keep: 100 });
  window.add(numbered(0, 35));
  window.earlier();
  const before = paths(window);
  window.add(numbered(35, 40));
  assert.deepEqual(paths(window), before);
  assert.equal(window.view().after, 15);
});

test("only the last items are kept, and all are counted", () => {
  const window = new ItemWindow({ size: 10, keep: 100 });
  for (let start = 0; start < 10000; start += 500) window.add(numbered(start, start + 500));
  const { before, dropped, items } = window.view();
  assert.equal(before + items.length, 100);
  assert.equal(dropped, 9900);
  assert.equal(window.counts().all, 10000);
  assert.equal(paths(window).at(-1), 9999);
});

test("a moved window stays on its items while the oldest are dropped", () => {
  const window = new ItemWindow({ size: 10, keep: 100 });
  window.add(numbered(0, 100));
  window.earlier();
  const before = paths(window);
  window.add(numbered(100, 115));
  assert.deepEqual(paths(window), before);
});

test("the filter for failed items has its own window", () => {
  const window = new ItemWindow({ size: 3, keep: 100 });
  window.add(numbered(0, 50));
  window.add(numbered(50, 55, "failed"));
  window.add(numbered(55, 90));
  window.filter = "failed";
  assert.deepEqual(paths(window), [52, 53, 54]);
  window.earlier();
  assert.deepEqual(paths(window), [50, 51, 52]);
  assert.deepEqual(window.counts(), { all: 90, failed: 5 });
  window.filter = "all";
  assert.equal(window.following, true);
});
