import assert from "node:assert/strict";
import test from "node:test";

import { ItemLog } from "../../static/js/itemlog.js";

const numbered = (from, to, status = "succeeded") =>
  Array.from({ length: to - from }, (_, index) => ({ path: `${from + index}`, status }));
const paths = (log) => log.view().items.map(({ path }) => Number(path));

test("it shows the newest, and never more than the window", () => {
  const log = new ItemLog({ size: 10, keep: 100 });
  log.add(numbered(0, 35));
  const { items, before, after, dropped } = log.view();
  assert.equal(items.length, 10);
  assert.deepEqual([before, after, dropped], [25, 0, 0]);
  assert.equal(paths(log).at(-1), 34);
});

test("every item can be reached by going back, and newest follows again", () => {
  const log = new ItemLog({ size: 10, keep: 100 });
  log.add(numbered(0, 35));
  const seen = new Set(paths(log));
  while (log.view().before > 0) {
    log.earlier();
    for (const path of paths(log)) seen.add(path);
  }
  assert.equal(seen.size, 35);
  assert.equal(paths(log)[0], 0);
  assert.equal(log.following, false);
  log.newest();
  assert.equal(log.following, true);
  assert.equal(paths(log).at(-1), 34);
});

test("later goes forward until it follows the newest", () => {
  const log = new ItemLog({ size: 10, keep: 100 });
  log.add(numbered(0, 35));
  log.earlier();
  log.earlier();
  assert.deepEqual([paths(log)[0], paths(log).at(-1)], [5, 14]);
  log.later();
  assert.equal(paths(log).at(-1), 24);
  log.later();
  assert.equal(log.following, true);
});

test("a window that was moved stays where it is while items are added", () => {
  const log = new ItemLog({ size: 10, keep: 100 });
  log.add(numbered(0, 35));
  log.earlier();
  const before = paths(log);
  log.add(numbered(35, 40));
  assert.deepEqual(paths(log), before);
  assert.equal(log.view().after, 15);
});

test("only the last items are kept, however many come, and all are counted", () => {
  const log = new ItemLog({ size: 10, keep: 100 });
  for (let start = 0; start < 10000; start += 500) log.add(numbered(start, start + 500));
  const { before, dropped, items } = log.view();
  assert.equal(before + items.length, 100);
  assert.equal(dropped, 9900);
  assert.equal(log.counts().all, 10000);
  assert.equal(paths(log).at(-1), 9999);
});

test("dropping the oldest keeps a moved window on its items", () => {
  const log = new ItemLog({ size: 10, keep: 100 });
  log.add(numbered(0, 100));
  log.earlier();
  const before = paths(log);
  log.add(numbered(100, 115));
  assert.deepEqual(paths(log), before);
});

test("failed items have a list of their own", () => {
  const log = new ItemLog({ size: 3, keep: 100 });
  log.add(numbered(0, 50));
  log.add(numbered(50, 55, "failed"));
  log.add(numbered(55, 90));
  log.filter = "failed";
  assert.deepEqual(paths(log), [52, 53, 54]);
  log.earlier();
  assert.deepEqual(paths(log), [50, 51, 52]);
  assert.deepEqual(log.counts(), { all: 90, failed: 5 });
  log.filter = "all";
  assert.equal(log.following, true);
});
