import assert from "node:assert/strict";
import test from "node:test";

import { ApiError } from "../../static/js/api.js";
import { Ends } from "../../static/js/ends.js";
import { job, settle } from "./support.mjs";

const progress = { in_flight: 0, pending: 0, skipped: 75 };
const running = (id) => job({ id, label: "Slow" });
const stopping = (id) => job({ id, label: "Slow", status: "cancelled" });
const over = (id) => job({ id, label: "Slow", status: "cancelled", progress });

/** `told` grows by [id, name]; `answers` are those of the API, the last one for ever. */
function setUp(...answers) {
  const told = [];
  const asked = [];
  const desk = { jobId: null };
  const ends = new Ends({
    api: {
      job: async (id) => {
        asked.push(id);
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        if (answer instanceof Error) throw answer;
        return { body: answer };
      },
    },
    elsewhere: (id) => id === desk.jobId,
    ended: ({ id }, name) => told.push([id, name]),
  });
  return { ends, told, asked, desk };
}

test("an end is told once, and not before the last file is finished", () => {
  const { ends, told } = setUp();
  ends.follow("a");
  for (const state of [running, stopping]) ends.look([state("a"), over("b")]);
  assert.deepEqual(told, []);
  ends.look([over("a")]);
  ends.look([over("a")]);
  assert.deepEqual(told, [["a", null]]);
});

test("jobs that end together have names, a single one needs none", () => {
  const { ends, told } = setUp();
  ends.followAll([running("a"), { ...running("b"), label: "Preview" }]);
  ends.followAll([running("c")]);
  ends.look([over("a"), over("b"), over("c")]);
  assert.deepEqual(told, [["a", "Slow"], ["b", "Preview"], ["c", null]]);
});

test("a job keeps its name when it is brought into the dialog", () => {
  const { ends } = setUp();
  ends.followAll([running("a"), { ...running("b"), label: "Preview" }]);
  ends.follow("a");
  assert.equal(ends.take("a"), "Slow");
  ends.follow("a");
  assert.equal(ends.take("a"), null, "what it is resumed to later is another end");
});

test("a job that has left the lists is asked for until it is over", async () => {
  const { ends, told, asked } = setUp(stopping("old"), new ApiError("no network"), over("old"));
  ends.follow("old");
  for (let turn = 0; turn < 4; turn += 1) {
    ends.look([]);
    ends.look([]);
    await settle();
  }
  assert.deepEqual(told, [["old", null]]);
  assert.equal(asked.length, 3, "one request at a time, none after the end");
});

test("a deleted job is forgotten", async () => {
  const { ends, told, asked } = setUp(new ApiError("Job not found", { status: 404 }));
  ends.follow("a");
  ends.look([]);
  await settle();
  ends.look([]);
  await settle();
  assert.deepEqual([told, asked], [[], ["a"]]);
});

test("the job in the dialog is told by who follows it there", async () => {
  const { ends, told, asked, desk } = setUp(over("a"));
  ends.follow("a");
  ends.look([]);
  desk.jobId = "a";
  await settle();
  ends.look([over("a")]);
  ends.look([]);
  assert.deepEqual([told, asked], [[], ["a"]]);
});
