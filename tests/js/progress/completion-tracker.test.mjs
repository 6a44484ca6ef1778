import assert from "node:assert/strict";
import test from "node:test";

import { ApiError } from "../../../static/js/api/answer.js";
import { CompletionTracker } from "../../../static/js/progress/completion-tracker.js";
import { job, settle } from "../support.mjs";

const progress = { in_flight: 0, pending: 0, skipped: 75 };
const running = (id) => job({ id, label: "Slow" });
const stopping = (id) => job({ id, label: "Slow", status: "cancelled" });
const finished = (id) => job({ id, label: "Slow", status: "cancelled", progress });

/** `announced` collects [id, name]. The API gives these answers in turn, and repeats the last. */
function setUp(...answers) {
  const announced = [];
  const requested = [];
  const dialog = { jobId: null };
  const tracker = new CompletionTracker({
    api: {
      job: async (id) => {
        requested.push(id);
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        if (answer instanceof Error) throw answer;
        return { body: answer };
      },
    },
    isOpenElsewhere: (id) => id === dialog.jobId,
    onFinished: ({ id }, name) => announced.push([id, name]),
  });
  return { tracker, announced, requested, dialog };
}

test("a finished job is announced once, and not before its last file has finished", () => {
  const { tracker, announced } = setUp();
  tracker.track("a");
  for (const state of [running, stopping]) tracker.update([state("a"), finished("b")]);
  assert.deepEqual(announced, []);
  tracker.update([finished("a")]);
  tracker.update([finished("a")]);
  assert.deepEqual(announced, [["a", null]]);
});

test("jobs tracked together are announced by name, a single one is not", () => {
  const { tracker, announced } = setUp();
  tracker.trackTogether([running("a"), { ...running("b"), label: "Preview" }]);
  tracker.trackTogether([running("c")]);
  tracker.update([finished("a"), finished("b"), finished("c")]);
  assert.deepEqual(announced, [["a", "Slow"], ["b", "Preview"], ["c", null]]);
});

test("a job keeps its name when it is tracked again", () => {
  const { tracker } = setUp();
  tracker.trackTogether([running("a"), { ...running("b"), label: "Preview" }]);
  tracker.track("a");
  assert.equal(tracker.take("a"), "Slow");
  tracker.track("a");
  assert.equal(tracker.take("a"), null, "after the end it is tracked as a new job");
});

test("a job missing from the lists is requested until it is finished", async () => {
  const { tracker, announced, requested } = setUp(stopping("old"), new ApiError("no network"), finished("old"));
  tracker.track("old");
  for (let turn = 0; turn < 4; turn += 1) {
    tracker.update([]);
    tracker.update([]);
    await settle();
  }
  assert.deepEqual(announced, [["old", null]]);
  assert.equal(requested.length, 3, "one request at a time, and none after the end");
});

test("a deleted job is no longer tracked", async () => {
  const { tracker, announced, requested } = setUp(new ApiError("Job not found", { status: 404, own: true }));
  tracker.track("a");
  tracker.update([]);
  await settle();
  tracker.update([]);
  await settle();
  assert.deepEqual([announced, requested], [[], ["a"]]);
});

test("a job that is open elsewhere is not announced here", async () => {
  const { tracker, announced, requested, dialog } = setUp(finished("a"));
  tracker.track("a");
  tracker.update([]);
  dialog.jobId = "a";
  await settle();
  tracker.update([finished("a")]);
  tracker.update([]);
  assert.deepEqual([announced, requested], [[], ["a"]]);
});
