import assert from "node:assert/strict";
import test from "node:test";

import { ApiError } from "../../../static/js/api/answer.js";
import { createJobActions } from "../../../static/js/jobs/job-actions.js";
import { JOB_NOT_FOUND } from "../../../static/js/text/messages.js";
import { job, settle } from "../support.mjs";

const verify = job({ id: "verify" });
const slow = job({ id: "slow", label: "Slow" });

/** `done` collects what the actions do, in order; `answers` are those of the person. */
function setUp({ api = {}, answers = [{ option: false }] } = {}) {
  const done = [];
  const questions = [];
  const jobActions = createJobActions({
    api: {
      cancel: async () => done.push("POST cancel"),
      cancelAll: async () => ({ cancelled: 2 }),
      unfinishedJobs: async () => ({ jobs: [slow, verify], count: 2 }),
      pause: async () => done.push("POST pause"),
      resume: async (_, skipChanged) => done.push(`POST resume ${Boolean(skipChanged)}`),
      retry: async () => done.push("POST retry"),
      continue: async (_, retrySameError) => done.push(`POST continue ${retrySameError}`),
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
    notify: ({ parts }) => done.push(`message ${parts.join("")}`),
    onDone: (_, what) => done.push(`done ${what}`),
    onCancelledTogether: (jobs) => done.push(`together ${jobs.map(({ id }) => id)}`),
    onNotFound: () => done.push("not found"),
    setCancelling: (_, cancelling) => done.push(`cancelling ${cancelling}`),
  });
  return { jobActions, done, questions };
}

const refusing = (status, message, more = {}) => ({
  cancel: async () => {
    throw new ApiError(message, { status, ...more });
  },
});

test("cancel asks, then sends one request", async () => {
  const { jobActions, done } = setUp();
  await jobActions.cancel("j", job());
  assert.deepEqual(done, ["ask Cancel this job?", "cancelling true", "POST cancel", "done cancelled"]);
});

test("cancel sends nothing if the person declines", async () => {
  const { jobActions, done } = setUp({ answers: [null] });
  await jobActions.cancel("j", job());
  assert.deepEqual(done, ["ask Cancel this job?"]);
});

test("rapid cancel clicks ask once and send one request", async () => {
  const { jobActions, done } = setUp({ answers: [{}, {}, {}] });
  await Promise.all([jobActions.cancel("j", job()), jobActions.cancel("j", job()), jobActions.cancel("j", job())]);
  assert.equal(done.filter((entry) => entry === "POST cancel").length, 1);
  assert.equal(done.filter((entry) => entry.startsWith("ask")).length, 1);
});

test("after a network failure the cancel can be tried again", async () => {
  const { jobActions, done } = setUp({
    api: refusing(0, "the server cannot be reached"),
    answers: [{}, {}],
  });
  await jobActions.cancel("j", job());
  assert.deepEqual(done.slice(1), [
    "cancelling true",
    "cancelling false",
    "message Failed to cancel job: the server cannot be reached",
  ]);
  await jobActions.cancel("j", job());
  assert.equal(done.filter((entry) => entry.startsWith("ask")).length, 2);
});

test("a server error is shown with its HTTP status", async () => {
  const { jobActions, done } = setUp({ api: refusing(500, "The server made a mistake.") });
  await jobActions.cancel("j", job());
  assert.equal(done.at(-1), "message Failed to cancel job: The server made a mistake (HTTP 500)");
});

for (const [status, sentence] of [
  [400, JOB_NOT_FOUND],
  [404, "Job not found"],
]) {
  test(`a cancel that the API answers with HTTP ${status} reports that the job was not found`, async () => {
    const { jobActions, done } = setUp({ api: refusing(status, sentence, { own: true }) });
    await jobActions.cancel("j", job());
    assert.deepEqual(done.slice(-2), [`message ${JOB_NOT_FOUND}`, "not found"]);
  });
}

for (const [name, error] of [
  ["a proxy's 404", refusing(404, "another program answered")],
  ["a proxy's 400", refusing(400, "another program answered")],
  ["another 400 of the API", refusing(400, "This site does not answer to the host name.", { own: true })],
]) {
  test(`${name} says nothing about the job, and the cancel can be tried again`, async () => {
    const { jobActions, done } = setUp({ api: error });
    await jobActions.cancel("j", job());
    assert.equal(done.includes("not found"), false);
    assert.equal(done.at(-2), "cancelling false");
    assert.match(done.at(-1), /^message Failed to cancel job: .* \(HTTP 40[04]\)$/);
  });
}

test("sending is true until the call is answered", async () => {
  let finish;
  const { jobActions } = setUp({ api: { pause: () => new Promise((resolve) => (finish = resolve)) } });
  assert.equal(jobActions.sending, false);
  const pausing = jobActions.pause("j");
  await settle();
  assert.equal(jobActions.sending, true);
  finish();
  await pausing;
  assert.equal(jobActions.sending, false);
});

test("resume asks first, and sends the choice to skip changed files", async () => {
  const { jobActions, done } = setUp({ answers: [{ option: true }] });
  await jobActions.resume(job({ status: "cancelled" }));
  assert.deepEqual(done, ["ask Resume this job?", "POST resume true", "done resumed"]);
});

test("a paused job continues without a question", async () => {
  const { jobActions, done } = setUp();
  await jobActions.continue("j", job({ status: "paused" }));
  await jobActions.continue("j", null);
  assert.deepEqual(done, Array(2).fill(["POST continue false", "done continued"]).flat());
});

for (const [answer, sent] of [
  [{ option: true }, ["POST continue true", "done continued"]],
  [{ option: false }, ["POST continue false", "done continued"]],
  [null, []],
]) {
  const name = answer ? `the answer ${answer.option}` : "no answer";
  test(`a job paused by equal errors asks about those files; ${name} sends ${sent}`, async () => {
    const { jobActions, done, questions } = setUp({ answers: [answer] });
    await jobActions.continue("j", job({ status: "paused", repeated_error: "Disk full" }));
    assert.deepEqual(done, ["ask Continue this job?", ...sent]);
    assert.deepEqual(questions[0].names, ["Disk full"]);
    assert.equal(questions[0].option, "Process the files with this error again");
  });
}

test("cancel all names the jobs and reports how many were cancelled", async () => {
  const { jobActions, done, questions } = setUp();
  await jobActions.cancelAll();
  assert.deepEqual(done, [
    "ask Cancel all 2 jobs?",
    "together slow,verify",
    "done cancelled",
    "message 2 jobs were cancelled",
  ]);
  assert.deepEqual(questions[0].names, ["Slow · 25 of 100 files", "Verify files · 25 of 100 files"]);
});

test("the question of cancel all gives jobs of the same operation different names", async () => {
  const jobs = [verify, { ...verify, id: "other", created_at: "2025-11-22T09:05:00.000Z" }];
  const { jobActions, questions } = setUp({ api: { unfinishedJobs: async () => ({ jobs, count: 2 }) } });
  await jobActions.cancelAll();
  const [first, second] = questions[0].names;
  assert.match(first, /^Verify files, \d\d:00 · 25 of 100 files$/);
  assert.match(second, /^Verify files, \d\d:05 · 25 of 100 files$/);
});

test("a job started while the question of cancel all was open is tracked, too", async () => {
  const answers = [
    { jobs: [slow], count: 1 },
    { jobs: [verify, slow], count: 2 },
  ];
  const { jobActions, done } = setUp({ api: { unfinishedJobs: async () => answers.shift() } });
  await jobActions.cancelAll();
  assert.ok(done.includes("together verify,slow"));
});

test("a failed cancel all tracks no job", async () => {
  const cancelAll = async () => {
    throw new ApiError("the server cannot be reached");
  };
  const { jobActions, done } = setUp({ api: { cancelAll } });
  await jobActions.cancelAll();
  assert.deepEqual(done.slice(1), ["message Failed to cancel all jobs: the server cannot be reached"]);
});

test("cancel all asks nothing if no job is active", async () => {
  const unfinishedJobs = async () => ({ jobs: [], count: 0 });
  const { jobActions, done } = setUp({ api: { unfinishedJobs } });
  await jobActions.cancelAll();
  assert.deepEqual(done, ["message No job is running."]);
});

test("the question of cancel all names ten jobs and counts the others", async () => {
  const unfinishedJobs = async () => ({ jobs: Array.from({ length: 20 }, () => job()), count: 1500 });
  const { jobActions, questions } = setUp({ api: { unfinishedJobs }, answers: [null] });
  await jobActions.cancelAll();
  assert.equal(questions[0].title, "Cancel all 1,500 jobs?");
  assert.equal(questions[0].names.length, 11);
  assert.equal(questions[0].names.at(-1), "and 1,490 more jobs");
});

test("cancel all of more than ten jobs tracks ten, and says so", async () => {
  const jobs = Array.from({ length: 20 }, (_, place) => job({ id: `job-${place}` }));
  const unfinishedJobs = async () => ({ jobs, count: 1500 });
  const { jobActions, done } = setUp({ api: { unfinishedJobs, cancelAll: async () => ({ cancelled: 1500 }) } });
  await jobActions.cancelAll();
  assert.equal(done.find((entry) => entry.startsWith("together")).split(",").length, 10);
  assert.equal(
    done.at(-1),
    "message 1,500 jobs were cancelled. The results of 10 of them appear here, the others’ in the list of jobs.",
  );
});
