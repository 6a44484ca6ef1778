import assert from "node:assert/strict";
import test from "node:test";

import { ApiError } from "../../../static/js/api/answer.js";
import { ProgressController } from "../../../static/js/progress/progress-controller.js";
import { job } from "../support.mjs";

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

const controllers = [];

/** `log` collects what the controller does to its parts. The API gives these answers in turn. */
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
      showTrouble: (sentence) => log.push(`trouble ${sentence}`),
    },
    itemList: { add: (items) => log.push(`add ${items.length}`), reset() {}, shown() {}, flush() {} },
    messages: {
      show: ({ parts: words }) => log.push(words.join("")),
      remove: (key) => log.push(`no message of ${key}`),
      clear: () => log.push("no messages"),
      moveTo: (place) => log.push(`messages ${place}`),
    },
    tabIndicator: { showPercent: (percent) => log.push(`tab ${percent}`) },
    notifications: { notifyFinished() {} },
    liveRegion: { announce() {}, announceProgress() {}, reset() {} },
    confirmDialog: { dismiss: () => log.push("dismiss") },
    jobActions: {},
    onFinished: () => log.push("finished"),
    onChange() {},
    interval: () => 1,
  };
  const controller = new ProgressController(parts);
  controllers.push(controller);
  return { controller, log, dialog: parts.dialog };
}

// A controller that still polls would keep the test process alive.
test.afterEach(() => {
  for (const controller of controllers.splice(0)) controller.forget(controller.jobId);
});

async function until(condition) {
  for (let turn = 0; turn < 2000 && !condition(); turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  assert.ok(condition(), "the condition never became true");
}

test("a cancelled job closes the dialog after its last file, is announced and not marked as seen", async () => {
  const { controller, log, dialog } = setUp(running, cancelling, cancelling, cancelled);
  controller.open(running);
  assert.equal(controller.active, true);
  await until(() => log.includes("Job was cancelled: 26 succeeded, 1 failed, 73 not processed"));
  assert.ok(log.indexOf("close") > log.lastIndexOf("cancelled"));
  assert.ok(log.includes("dismiss"), "a question about the job is dismissed");
  assert.equal(log.some((entry) => entry.startsWith("seen")), false);
  assert.deepEqual([controller.jobId, controller.active, dialog.isOpen], [null, false, false]);
});

test("a completed job stays in the dialog until it is closed, and then counts as seen", async () => {
  const { controller, log, dialog } = setUp(running, completed);
  controller.open(running);
  await until(() => log.includes("complete"));
  assert.deepEqual([controller.active, dialog.isOpen, controller.jobId], [false, true, running.id]);
  assert.equal(log.filter((entry) => entry.startsWith("tab")).at(-1), "tab null");
  controller.close();
  assert.equal(dialog.isOpen, false);
  assert.equal(controller.jobId, null);
  await until(() => log.includes("seen true"));
});

const many = Array.from({ length: 500 }, (_, place) => ({ path: `${place}.txt`, status: "succeeded" }));

test("a cancel is announced at once, even if more items are waiting", async () => {
  const { controller, log } = setUp({ ...cancelled, items: many });
  controller.open(running);
  await until(() => log.includes("Job was cancelled: 26 succeeded, 1 failed, 73 not processed"));
  assert.equal(log.filter((entry) => entry === "add 500").length, 1);
  assert.equal(controller.jobId, null);
});

test("a completed job is announced at once, and its remaining items follow", async () => {
  const { controller, log } = setUp({ ...completed, items: many }, { ...completed, items: many }, completed);
  controller.open(running);
  await until(() => log.filter((entry) => entry === "add 500").length === 2);
  assert.ok(log.indexOf("complete") < log.lastIndexOf("add 500"));
  assert.equal(log.filter((entry) => entry === "complete").length, 1);
});

test("a job resumed while its last files are finishing is no longer cancelling", async () => {
  const { controller, log } = setUp(running, cancelling, running);
  controller.open(running);
  controller.setCancelling(running.id, true);
  const resumed = () => log.indexOf("processing", log.indexOf("cancelled")) > 0;
  await until(() => log.includes("cancelled") && resumed());
  assert.equal(controller.cancelling, false);
});

test("a job that completes while minimised is announced and not marked as seen", async () => {
  const { controller, log } = setUp(running, running, completed);
  controller.open(running);
  controller.minimise();
  assert.equal(controller.jobId, running.id);
  await until(() => log.includes("Verify files: 99 succeeded, 1 failed"));
  assert.equal(log.some((entry) => entry.startsWith("seen")), false);
});

test("closing the dialog of a running job keeps following the job", async () => {
  const { controller, dialog } = setUp(running);
  controller.open(running);
  controller.close();
  assert.deepEqual([controller.active, controller.jobId, dialog.isOpen], [true, running.id, false]);
});

test("an unseen end is announced and marked as seen", async () => {
  const { controller, log } = setUp(cancelled);
  controller.announceUnseen(cancelled);
  assert.ok(log.includes("Job was cancelled: 26 succeeded, 1 failed, 73 not processed"));
  await until(() => log.includes("seen true"));
});

test("a resumed job is followed even if its first status fails with a network error", async () => {
  const { controller, log, dialog } = setUp(new ApiError("the server cannot be reached"), running);
  await controller.reopen(running.id);
  assert.deepEqual([controller.jobId, controller.active, dialog.isOpen], [running.id, true, true]);
  await until(() => log.includes("processing"));
});

test("a resumed job that was deleted meanwhile opens no dialog", async () => {
  const { controller, log, dialog } = setUp(new ApiError("Job not found", { status: 404, own: true }));
  await controller.reopen(running.id);
  assert.deepEqual([controller.jobId, dialog.isOpen], [null, false]);
  assert.equal(log.at(-1), "This job no longer exists: it was deleted.");
});

for (const [name, error, sentence] of [
  ["a proxy", new ApiError("another program answered", { status: 404 }), /not responding \(HTTP 404\)/],
  ["a lost login", new ApiError("Log in first.", { status: 401, own: true, reading: true }), /You are signed out/],
  ["a full disk", new ApiError("The disk is full.", { status: 503, own: true }), /cannot answer: The disk is full/],
]) {
  test(`a job is followed through the trouble of ${name}, which is shown`, async () => {
    const { controller, log, dialog } = setUp(running, error, running, completed);
    controller.open(running);
    await until(() => log.some((entry) => sentence.test(entry)));
    assert.deepEqual([controller.active, controller.jobId, dialog.isOpen], [true, running.id, true]);
    await until(() => log.includes("complete"));
    assert.equal(log.includes("This job no longer exists: it was deleted."), false);
  });
}

test("a deleted job closes the dialog with a message", async () => {
  const { controller, log, dialog } = setUp(running, new ApiError("Job not found", { status: 404, own: true }));
  controller.open(running);
  await until(() => log.includes("This job no longer exists: it was deleted."));
  assert.deepEqual([controller.jobId, controller.active, dialog.isOpen], [null, false, false]);
});

test("a resume keeps the messages about other jobs, a start clears them", async () => {
  const { controller, log } = setUp(running);
  await controller.reopen(running.id);
  for (const key of [running.id, "lost"]) assert.ok(log.includes(`no message of ${key}`));
  assert.equal(log.includes("no messages"), false);
  controller.forget(running.id);
  controller.open(running);
  assert.ok(log.includes("no messages"));
});

test("messages move into the open dialog and back", () => {
  const { controller, log } = setUp(running);
  controller.open(running);
  controller.minimise();
  assert.deepEqual(log.filter((entry) => entry.startsWith("messages")), ["messages dialog", "messages null"]);
});

test("a cancel being sent is shown, and no longer after it failed", async () => {
  const { controller, log } = setUp(running);
  controller.open(running);
  await until(() => controller.job !== null);
  controller.setCancelling(running.id, true);
  assert.equal(log.at(-1), "processing (cancelling)");
  controller.setCancelling(running.id, false);
  assert.equal(log.at(-1), "processing");
});

test("jobs cancelled together are announced by name, including the one in the dialog", async () => {
  const other = { ...running, id: "22222222-2222-4222-8222-222222222222", label: "Preview" };
  const { controller, log } = setUp(running, cancelled);
  controller.open(running);
  controller.trackTogether([running, other]);
  controller.announceFinished([{ ...cancelling, id: other.id, label: "Preview" }]);
  controller.announceFinished([{ ...cancelled, id: other.id, label: "Preview" }]);
  assert.ok(log.includes("Job was cancelled (Preview): 26 succeeded, 1 failed, 73 not processed"));
  await until(() => log.includes("Job was cancelled (Verify files): 26 succeeded, 1 failed, 73 not processed"));
  assert.equal(log.filter((entry) => entry.startsWith("Job was cancelled")).length, 2);
});

test("the end of a job followed earlier is announced once", async () => {
  const other = { ...running, id: "22222222-2222-4222-8222-222222222222" };
  const { controller, log } = setUp(running);
  controller.open(other);
  controller.minimise();
  controller.open(running);
  const ended = { ...completed, id: other.id };
  controller.announceFinished([ended]);
  controller.announceFinished([ended]);
  assert.equal(log.filter((entry) => entry === "Verify files: 99 succeeded, 1 failed").length, 1);
});

test("a pause is shown as soon as the server has answered it, before the next poll", async () => {
  const { controller, log } = setUp(running);
  controller.open(running);
  await until(() => log.filter((entry) => entry === "processing").length > 1);
  log.length = 0;
  controller.acted(running.id, "paused");
  assert.deepEqual(log, ["paused", "tab 25"]);
  controller.acted("another job", "paused");
  assert.ok(!log.includes("another job"));
});
