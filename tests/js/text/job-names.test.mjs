import assert from "node:assert/strict";
import test from "node:test";

import { timeOfDay } from "../../../static/js/text/format.js";
import { jobNames } from "../../../static/js/text/job-names.js";
import { job } from "../support.mjs";

/** The names of jobs, each given as [label, start time], in the same order. */
function names(...jobs) {
  const made = jobs.map(([label, at], place) => job({ id: `job-${place}`, label, created_at: at }));
  const found = jobNames(made);
  return made.map(({ id }) => found.get(id));
}

/** A local time, so that the tests pass in every time zone. */
const at = (time) => new Date(`2025-11-22T${time}`).toISOString();

test("a job with a unique label is named by its label", () => {
  assert.deepEqual(names(["Slow", at("14:32:00")], ["Preview", at("14:32:00")]), ["Slow", "Preview"]);
  assert.deepEqual(names(), []);
});

test("jobs with the same label are named by their start times", () => {
  assert.deepEqual(
    names(["Slow", at("14:35:10")], ["Preview", at("14:32:00")], ["Slow", at("14:32:00")]),
    ["Slow, 14:35", "Preview", "Slow, 14:32"],
  );
});

test("start times have seconds if the minutes are equal", () => {
  const found = names(["Slow", at("14:32:09")], ["Slow", at("14:32:05")], ["Slow", at("14:30:00")]);
  assert.deepEqual(found, ["Slow, 14:32:09", "Slow, 14:32:05", "Slow, 14:30:00"]);
});

test("jobs started in the same second are numbered in their order", () => {
  const found = names(["Slow", at("14:32:05.900")], ["Slow", at("14:32:05.100")]);
  assert.deepEqual(found, ["Slow, 14:32:05 #2", "Slow, 14:32:05"]);
});

test("start times have the day if the days differ", () => {
  const before = new Date("2025-11-21T14:32:00").toISOString();
  assert.deepEqual(names(["Slow", at("14:32:00")], ["Slow", before]), [
    "Slow, 2025-11-22 14:32",
    "Slow, 2025-11-21 14:32",
  ]);
});

test("a job listed twice needs no start time", () => {
  const once = job({ label: "Slow" });
  assert.deepEqual([...jobNames([once, { ...once }]).values()], ["Slow"]);
});

test("timeOfDay has two digits in each part", () => {
  assert.equal(timeOfDay(at("04:05:06")), "04:05");
  assert.equal(timeOfDay(at("04:05:06"), { seconds: true }), "04:05:06");
});
