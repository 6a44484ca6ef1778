import assert from "node:assert/strict";
import test from "node:test";

import { ApiError } from "../../static/js/api.js";
import { NOT_FOUND, createControl } from "../../static/js/control.js";
import { job, settle } from "./support.mjs";

const verify = job({ id: "verify" });
const slow = job({ id: "slow", label: "Slow" });

/** Everything that the flows do, in order; `answers` are the person's. */
function setUp({ api = {}, answers = [{ option: false }] } = {}) {
  const done = [];
  const questions = [];
  const control = createControl({
    api: {
      cancel: async () => done.push("POST cancel"),
      cancelAll: async () => ({ cancelled: 2 }),
      unfinishedJobs: async () => ({ jobs: [slow, verify], count: 2 }),
      pause: async () => done.push("POST pause"),
      resume: async (_, leaveOut) => done.push(`POST resume ${leaveOut}`),
      retry: async () => done.push("POST retry"),
      changes: async () => ({
        count: 5,
        changed: 1,
        vanished: 0,
        examples: ["a"],
        checked: 5,
        complete: true,
      }),
      ...api,
    },
    ask: async (question) => {
      questions.push(question);
      done.push(`ask ${question.title}`);
      return answers.shift() ?? null;
    },
    say: ({ parts }) => done.push(`say ${parts.join("")}`),
    changed: (_, what) => done.push(`changed ${what}`),
    ending: (jobs) => done.push(`ending ${jobs.map(({ id }) => id)}`),
    gone: () => done.push("gone"),
    busy: (_, busy) => done.push(`busy ${busy}`),
  });
  return { control, done, questions };
}

const refusing = (status, message) => ({
  cancel: async () => {
    throw new ApiError(message, { status });
  },
});

test("cancel asks, then sends one request", async () => {
  const { control, done } = setUp();
  await control.cancel("j", job());
  assert.deepEqual(done, ["ask Cancel this job?", "busy true", "POST cancel", "changed cancelled"]);
});

test("declined: nothing is sent", async () => {
  const { control, done } = setUp({ answers: [null] });
  await control.cancel("j", job());
  assert.deepEqual(done, ["ask Cancel this job?"]);
});

test("rapid clicks ask once and send once", async () => {
  const { control, done } = setUp({ answers: [{}, {}, {}] });
  await Promise.all([control.cancel("j", job()), control.cancel("j", job()), control.cancel("j", job())]);
  assert.equal(done.filter((entry) => entry === "POST cancel").length, 1);
  assert.equal(done.filter((entry) => entry.startsWith("ask")).length, 1);
});

test("no network: the job goes on, and the person can try again", async () => {
  const { control, done } = setUp({
    api: refusing(0, "the server cannot be reached"),
    answers: [{}, {}],
  });
  await control.cancel("j", job());
  assert.deepEqual(done.slice(1), [
    "busy true",
    "busy false",
    "say Failed to cancel job: the server cannot be reached",
  ]);
  await control.cancel("j", job());
  assert.equal(done.filter((entry) => entry.startsWith("ask")).length, 2);
});

test("a server error is told with its HTTP status", async () => {
  const { control, done } = setUp({ api: refusing(500, "The server made a mistake.") });
  await control.cancel("j", job());
  assert.equal(done.at(-1), "say Failed to cancel job: The server made a mistake (HTTP 500)");
});

for (const status of [400, 404]) {
  test(`HTTP ${status}: the job is not there any more, so the dialog closes`, async () => {
    const { control, done } = setUp({ api: refusing(status, "whatever") });
    await control.cancel("j", job());
    assert.deepEqual(done.slice(-2), [`say ${NOT_FOUND}`, "gone"]);
  });
}

test("while a call is on its way it would be lost with the page", async () => {
  let finish;
  const { control } = setUp({ api: { pause: () => new Promise((resolve) => (finish = resolve)) } });
  assert.equal(control.sending, false);
  const pausing = control.pause("j");
  await settle();
  assert.equal(control.sending, true);
  finish();
  await pausing;
  assert.equal(control.sending, false);
});

test("resume says before how many files and what changed, and passes the choice on", async () => {
  const { control, done } = setUp({ answers: [{ option: true }] });
  await control.resume(job({ status: "cancelled" }));
  assert.deepEqual(done, ["ask Resume this job?", "POST resume true", "changed resumed"]);
});

test("a paused job continues without a question", async () => {
  const { control, done } = setUp();
  await control.proceed("j");
  assert.deepEqual(done, ["POST resume false", "changed continued"]);
});

test("cancel all names the jobs and tells how many it ended", async () => {
  const { control, done, questions } = setUp();
  await control.cancelAll();
  assert.deepEqual(done, [
    "ask Cancel all 2 jobs?",
    "ending slow,verify",
    "changed cancelled",
    "say 2 jobs were cancelled",
  ]);
  assert.deepEqual(questions[0].names, ["Slow · 25 of 100 files", "Verify files · 25 of 100 files"]);
});

test("the question tells jobs of the same operation apart", async () => {
  const jobs = [verify, { ...verify, id: "other", created_at: "2025-11-22T09:05:00.000Z" }];
  const { control, questions } = setUp({ api: { unfinishedJobs: async () => ({ jobs, count: 2 }) } });
  await control.cancelAll();
  const [first, second] = questions[0].names;
  assert.match(first, /^Verify files, \d\d:00 · 25 of 100 files$/);
  assert.match(second, /^Verify files, \d\d:05 · 25 of 100 files$/);
});

test("a job that was started while the question stood there is cancelled as well, so its end is told", async () => {
  const answers = [
    { jobs: [slow], count: 1 },
    { jobs: [verify, slow], count: 2 },
  ];
  const { control, done } = setUp({ api: { unfinishedJobs: async () => answers.shift() } });
  await control.cancelAll();
  assert.ok(done.includes("ending verify,slow"));
});

test("a cancel of all that fails has no end to tell", async () => {
  const cancelAll = async () => {
    throw new ApiError("the server cannot be reached");
  };
  const { control, done } = setUp({ api: { cancelAll } });
  await control.cancelAll();
  assert.deepEqual(done.slice(1), ["say Failed to cancel all jobs: the server cannot be reached"]);
});

test("with nothing to cancel nothing is asked", async () => {
  const unfinishedJobs = async () => ({ jobs: [], count: 0 });
  const { control, done } = setUp({ api: { unfinishedJobs } });
  await control.cancelAll();
  assert.deepEqual(done, ["say No job is running."]);
});

test("of very many jobs the question names ten and counts the rest", async () => {
  const unfinishedJobs = async () => ({ jobs: Array.from({ length: 20 }, () => job()), count: 1500 });
  const { control, questions } = setUp({ api: { unfinishedJobs }, answers: [null] });
  await control.cancelAll();
  assert.equal(questions[0].title, "Cancel all 1,500 jobs?");
  assert.equal(questions[0].names.length, 11);
  assert.equal(questions[0].names.at(-1), "and 1,490 more jobs");
});

test("of very many jobs the ends of ten are told, and the message says so", async () => {
  const jobs = Array.from({ length: 20 }, (_, place) => job({ id: `job-${place}` }));
  const unfinishedJobs = async () => ({ jobs, count: 1500 });
  const { control, done } = setUp({ api: { unfinishedJobs, cancelAll: async () => ({ cancelled: 1500 }) } });
  await control.cancelAll();
  assert.equal(done.find((entry) => entry.startsWith("ending")).split(",").length, 10);
  assert.equal(
    done.at(-1),
    "say 1,500 jobs were cancelled. The ends of 10 of them are told here, the others’ are in the list of jobs.",
  );
});
