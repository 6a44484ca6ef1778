import assert from "node:assert/strict";
import test from "node:test";

import { timeOfDay } from "../../static/js/format.js";
import { namesOf } from "../../static/js/names.js";
import { job } from "./support.mjs";

/** Names in the order of the jobs, each given as [label, when it was started]. */
function names(...jobs) {
  const made = jobs.map(([label, at], place) => job({ id: `job-${place}`, label, created_at: at }));
  const found = namesOf(made);
  return made.map(({ id }) => found.get(id));
}

/** Of a day that is the same for readers everywhere, since the page tells their own time. */
const at = (time) => new Date(`2025-11-22T${time}`).toISOString();

test("a label that no other job has is the name", () => {
  assert.deepEqual(names(["Slow", at("14:32:00")], ["Preview", at("14:32:00")]), ["Slow", "Preview"]);
  assert.deepEqual(names(), []);
});

test("jobs of the same operation are told apart by the time of their start", () => {
  assert.deepEqual(
    names(["Slow", at("14:35:10")], ["Preview", at("14:32:00")], ["Slow", at("14:32:00")]),
    ["Slow, 14:35", "Preview", "Slow, 14:32"],
  );
});

test("with seconds where minutes are equal", () => {
  const found = names(["Slow", at("14:32:09")], ["Slow", at("14:32:05")], ["Slow", at("14:30:00")]);
  assert.deepEqual(found, ["Slow, 14:32:09", "Slow, 14:32:05", "Slow, 14:30:00"]);
});

test("with numbers where seconds are equal, the first one being the first", () => {
  const found = names(["Slow", at("14:32:05.900")], ["Slow", at("14:32:05.100")]);
  assert.deepEqual(found, ["Slow, 14:32:05 #2", "Slow, 14:32:05"]);
});

test("with the day where one was started on another", () => {
  const before = new Date("2025-11-21T14:32:00").toISOString();
  assert.deepEqual(names(["Slow", at("14:32:00")], ["Slow", before]), [
    "Slow, 2025-11-22 14:32",
    "Slow, 2025-11-21 14:32",
  ]);
});

test("a job that is given twice is no other job", () => {
  const once = job({ label: "Slow" });
  assert.deepEqual([...namesOf([once, { ...once }]).values()], ["Slow"]);
});

test("times have two digits in each part", () => {
  assert.equal(timeOfDay(at("04:05:06")), "04:05");
  assert.equal(timeOfDay(at("04:05:06"), { seconds: true }), "04:05:06");
});
