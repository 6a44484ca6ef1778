import assert from "node:assert/strict";
import test from "node:test";

import * as format from "../../../static/js/text/format.js";

function table(name, call, cases) {
  for (const [input, expected] of cases) {
    test(`${name} of ${JSON.stringify(input)} is “${expected}”`, () => {
      assert.equal(call(...[].concat(input)), expected);
    });
  }
}

table("bytes", format.bytes, [
  [0, "0 B"],
  [999, "999 B"],
  [1000, "1.0 kB"],
  [1536, "1.5 kB"],
  [99499, "99.5 kB"],
  [123456, "123 kB"],
  [999600, "1.0 MB"],
  [5e12, "5.0 TB"],
  [[null], ""],
]);

table("duration", format.duration, [
  [0.2, "0 s"],
  [59.4, "59 s"],
  [60, "1 min"],
  [125, "2 min 5 s"],
  [3600, "1 h"],
  [3725, "1 h 2 min"],
  [90061, "1 d 1 h"],
  [[null], ""],
]);

table("rate", format.rate, [
  [0.05, "3.0 files/min"],
  [2.345, "2.3 files/s"],
  [12400, "12,400 files/s"],
  [[null], ""],
]);

table("time left", format.timeLeft, [
  [0.4, "almost done"],
  [12.2, "about 13 s left"],
  [125, "about 2 min left"],
  [7300, "about 2 h left"],
  [300000, "about 3 days left"],
  [[null], ""],
]);

table("plural", format.plural, [
  [[1, "file"], "1 file"],
  [[0, "file"], "0 files"],
  [[12400, "file"], "12,400 files"],
]);

test("digitGroups groups digits from the right", () => {
  assert.deepEqual(format.digitGroups(7), ["7"]);
  assert.deepEqual(format.digitGroups(999), ["999"]);
  assert.deepEqual(format.digitGroups(12400), ["12", "400"]);
  assert.deepEqual(format.digitGroups(1000000), ["1", "000", "000"]);
});

test("ago returns words for two days, then the date", () => {
  const now = Date.parse("2025-11-22T12:00:00Z");
  assert.equal(format.ago("2025-11-22T11:59:50Z", now), "just now");
  assert.equal(format.ago("2025-11-22T11:55:00Z", now), "5 min ago");
  assert.equal(format.ago("2025-11-22T09:00:00Z", now), "3 h ago");
  assert.match(format.ago("2025-11-01T09:00:00Z", now), /^2025-11-01 \d\d:\d\d$/);
});
