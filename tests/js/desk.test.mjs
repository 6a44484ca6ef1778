import assert from "node:assert/strict";
import test from "node:test";

import { ApiError } from "../../static/js/api.js";
import { Desk } from "../../static/js/desk.js";
import { job } from "./support.mjs";

const running = job();
const cancelling = job({ status: "cancelled", progress: { in_flight: 2, pending: 0, skipped: 73 } });
const cancelled = job({
  status: "cancelled",
  progress: { processed: 27, succeeded: 26, in_flight: 0, pending: 0, skipped: 73 },
});
const completed = job({
  status: "completed",
  progress: { processed: 100, succeeded: 99, in_flight: 0, pending: 0, percent: 100 },
});

const desks = [];

/** A desk whose parts write down what happens to them; the API answers from a list. */
function setUp(...answers) {
  const log = [];
  const parts = {
    api: {
      job: async () => {
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        if (answer instanceof Error) throw answer;
        return { body: { items: [], cursor: "0", ...answer }, etag: null };
      },
      markSeen: async (id) => log.push(`seen ${id === running.id}`),
    },
    dialog: {
      isOpen: false,
      messagesPlace: "dialog",
      open() {
        this.isOpen = true;
      },
      close() {
        this.isOpen = false;
        log.push("close");
      },
      reset() {},
      render: ({ status }, { cancelling: sent }) => log.push(`${status}${sent ? " (cancelling)" : ""}`),
      complete: () => log.push("complete"),
      trouble() {},
    },
    details: { add: (items) => log.push(`add ${items.length}`), reset() {}, shown() {}, flush() {} },
    messages: {
      show: ({ parts: words }) => log.push(words.join("")),
      remove: (key) => log.push(`no message of ${key}`),
      clear: () => log.push("no messages"),
      moveTo: (place) => log.push(`messages ${place}`),
    },
    attention: { progress: (percent) => log.push(`tab ${percent}`), ended() {} },
    announcer: { now() {}, progress() {}, reset() {} },
    confirm: { dismiss: () => log.push("dismiss") },
    control: {},
    settled: () => log.push("settled"),
    draw() {},
    refused: (error) => log.push(`refused ${error.message}`),
    pace: () => 1,
  };
  const desk = new Desk(parts);
  desks.push(desk);
  return { desk, log, dialog: parts.dialog };
}

// One that still polls would keep the tests from ending.
test.afterEach(() => {
  for (const desk of desks.splice(0)) desk.forget(desk.jobId);
});

async function until(condition) {
  for (let turn = 0; turn < 2000 && !condition(); turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.ok(condition(), "it never came true");
}

test("a cancelled job: waits for the files under way, closes, tells, and is not marked as seen", async () => {
  const { desk, log, dialog } = setUp(running, cancelling, cancelling, cancelled);
  desk.open(running);
  assert.equal(desk.active, true);
  await until(() => log.includes("Job was cancelled: 26 done, 1 failed, 73 not processed"));
  assert.ok(log.indexOf("close") > log.lastIndexOf("cancelled"));
  assert.ok(log.includes("dismiss"), "a question that is still open has no object any more");
  assert.equal(log.some((entry) => entry.startsWith("seen")), false);
  assert.deepEqual([desk.jobId, desk.active, dialog.isOpen], [null, false, false]);
});

test("a completed job stays in the dialog until it is closed, which marks it as seen", async () => {
  const { desk, log, dialog } = setUp(running, completed);
  desk.open(running);
  await until(() => log.includes("complete"));
  assert.deepEqual([desk.active, dialog.isOpen, desk.jobId], [false, true, running.id]);
  assert.equal(log.filter((entry) => entry.startsWith("tab")).at(-1), "tab null");
  desk.close();
  assert.equal(dialog.isOpen, false);
  assert.equal(desk.jobId, null);
  await until(() => log.includes("seen true"));
});

const many = Array.from({ length: 500 }, (_, place) => ({ path: `${place}.txt`, status: "succeeded" }));

test("a cancel is told at once, however many items the page has not seen yet", async () => {
  const { desk, log } = setUp({ ...cancelled, items: many });
  desk.open(running);
  await until(() => log.includes("Job was cancelled: 26 done, 1 failed, 73 not processed"));
  assert.equal(log.filter((entry) => entry === "add 500").length, 1);
  assert.equal(desk.jobId, null);
});

test("a completed job is told at once, and the rest of its items follows", async () => {
  const { desk, log } = setUp({ ...completed, items: many }, { ...completed, items: many }, completed);
  desk.open(running);
  await until(() => log.filter((entry) => entry === "add 500").length === 2);
  assert.ok(log.indexOf("complete") < log.lastIndexOf("add 500"));
  assert.equal(log.filter((entry) => entry === "complete").length, 1);
});

test("a job that is resumed while its last files are finishing is cancelling no more", async () => {
  const { desk, log } = setUp(running, cancelling, running);
  desk.open(running);
  desk.setCancelling(running.id, true);
  const resumed = () => log.indexOf("processing", log.indexOf("cancelled")) > 0;
  await until(() => log.includes("cancelled") && resumed());
  assert.equal(desk.cancelling, false);
});

test("a job that completes while minimised is told, and not yet marked as seen", async () => {
  const { desk, log } = setUp(running, running, completed);
  desk.open(running);
  desk.minimise();
  assert.equal(desk.jobId, running.id);
  await until(() => log.includes("Verify files: 99 done, 1 failed"));
  assert.equal(log.some((entry) => entry.startsWith("seen")), false);
});

test("closing the dialog of a running job keeps the job", async () => {
  const { desk, dialog } = setUp(running);
  desk.open(running);
  desk.close();
  assert.deepEqual([desk.active, desk.jobId, dialog.isOpen], [true, running.id, false]);
});

test("an end that was missed is told once and marked as seen", async () => {
  const { desk, log } = setUp(cancelled);
  desk.tellUnseen(cancelled);
  assert.ok(log.includes("Job was cancelled: 26 done, 1 failed, 73 not processed"));
  await until(() => log.includes("seen true"));
});

test("after an accepted resume a lost network does not keep the job from being followed", async () => {
  const { desk, log, dialog } = setUp(new ApiError("the server cannot be reached"), running);
  await desk.again(running.id);
  assert.deepEqual([desk.jobId, desk.active, dialog.isOpen], [running.id, true, true]);
  await until(() => log.includes("processing"));
  assert.equal(log.some((entry) => entry.startsWith("refused")), false);
});

test("a resumed job that is refused is told, and no dialog opens", async () => {
  const { desk, log, dialog } = setUp(new ApiError("Sign in first", { status: 403 }));
  await desk.again(running.id);
  assert.deepEqual([desk.jobId, dialog.isOpen, log], [null, false, ["refused Sign in first"]]);
});

test("a deleted job ends cleanly", async () => {
  const { desk, log, dialog } = setUp(running, new ApiError("Job not found", { status: 404 }));
  desk.open(running);
  await until(() => log.includes("This job is not there any more: it was deleted."));
  assert.deepEqual([desk.jobId, desk.active, dialog.isOpen], [null, false, false]);
});

test("a resume leaves what was said of other jobs, a start does not", async () => {
  const { desk, log } = setUp(running);
  await desk.again(running.id);
  for (const key of [running.id, "lost", "refused"]) assert.ok(log.includes(`no message of ${key}`));
  assert.equal(log.includes("no messages"), false);
  desk.forget(running.id);
  desk.open(running);
  assert.ok(log.includes("no messages"));
});

test("while the dialog is open, messages are in it", () => {
  const { desk, log } = setUp(running);
  desk.open(running);
  desk.minimise();
  assert.deepEqual(log.filter((entry) => entry.startsWith("messages")), ["messages dialog", "messages null"]);
});

test("a cancel on its way is shown, and taken back if it fails", async () => {
  const { desk, log } = setUp(running);
  desk.open(running);
  await until(() => desk.job !== null);
  desk.setCancelling(running.id, true);
  assert.equal(log.at(-1), "processing (cancelling)");
  desk.setCancelling(running.id, false);
  assert.equal(log.at(-1), "processing");
});

test("jobs that are cancelled together are each told by their name, the one in the dialog too", async () => {
  const other = { ...running, id: "22222222-2222-4222-8222-222222222222", label: "Preview" };
  const { desk, log } = setUp(running, cancelled);
  desk.open(running);
  desk.expectEnds([running, other]);
  desk.tellEnds([{ ...cancelling, id: other.id, label: "Preview" }]);
  desk.tellEnds([{ ...cancelled, id: other.id, label: "Preview" }]);
  assert.ok(log.includes("Job was cancelled (Preview): 26 done, 1 failed, 73 not processed"));
  await until(() => log.includes("Job was cancelled (Verify files): 26 done, 1 failed, 73 not processed"));
  assert.equal(log.filter((entry) => entry.startsWith("Job was cancelled")).length, 2);
});

test("ends of other followed jobs are told once", async () => {
  const other = { ...running, id: "22222222-2222-4222-8222-222222222222" };
  const { desk, log } = setUp(running);
  desk.open(other);
  desk.minimise();
  desk.open(running);
  const ended = { ...completed, id: other.id };
  desk.tellEnds([ended]);
  desk.tellEnds([ended]);
  assert.equal(log.filter((entry) => entry === "Verify files: 99 done, 1 failed").length, 1);
});
