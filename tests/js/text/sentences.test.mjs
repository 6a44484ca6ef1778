import assert from "node:assert/strict";
import test from "node:test";

import { completionMessage } from "../../../static/js/text/completion-message.js";
import { eventText } from "../../../static/js/text/event.js";
import { allowed, isFinished, notProcessed } from "../../../static/js/text/job-status.js";
import { outcome, plain } from "../../../static/js/text/outcome.js";
import { averageSpeed, notice, shares, speed, spoken, stage, title } from "../../../static/js/text/progress.js";
import { cancelQuestion, deleteQuestion } from "../../../static/js/text/questions.js";
import { requeueQuestion } from "../../../static/js/text/requeue-question.js";
import { job } from "../support.mjs";

const cancelled = job({
  status: "cancelled",
  progress: { total: 1000, processed: 415, succeeded: 412, failed: 3, in_flight: 0, pending: 0, skipped: 585 },
});
const completed = job({
  status: "completed",
  started_at: "2025-11-22T09:00:00Z",
  finished_at: "2025-11-22T09:01:05Z",
  active_seconds: 65,
  progress: { processed: 100, succeeded: 100, failed: 0, in_flight: 0, pending: 0, percent: 100 },
});
const withFailures = job({
  status: "completed",
  progress: { processed: 100, succeeded: 97, failed: 3, in_flight: 0, pending: 0, percent: 100 },
});
const failed = job({
  status: "failed",
  error: "The disk is full.",
  progress: { in_flight: 0, pending: 0, skipped: 75 },
});

test("outcome of a cancelled job has the documented words, then the numbers", () => {
  const { tone, parts } = outcome(cancelled);
  assert.equal(tone, "warning");
  assert.equal(parts.join(""), "Job was cancelled: 412 succeeded, 3 failed, 585 not processed");
});

test("outcome with a name says which job it is about", () => {
  const text = (ended) => plain(outcome(ended, "Slow, 14:32").parts);
  assert.equal(text(cancelled), "Job was cancelled (Slow, 14:32): 412 succeeded, 3 failed, 585 not processed");
  assert.equal(text(withFailures), "Slow, 14:32: 97 succeeded, 3 failed");
  assert.equal(
    text(failed),
    "Job failed (Slow, 14:32): The disk is full. 24 succeeded, 1 failed, 75 not processed",
  );
  assert.deepEqual(completionMessage(cancelled, {}, "Slow, 14:32").parts, outcome(cancelled, "Slow, 14:32").parts);
});

test("outcome of a completed or failed job says what happened", () => {
  assert.deepEqual(outcome(completed).tone, "success");
  assert.equal(plain(outcome(withFailures).parts), "Verify files: 97 succeeded, 3 failed");
  assert.equal(
    plain(outcome(failed).parts),
    "Job failed: The disk is full. 24 succeeded, 1 failed, 75 not processed",
  );
});

test("the message about a cancelled job offers its unprocessed files and to resume", () => {
  const { actions } = completionMessage(cancelled, {});
  assert.deepEqual(actions.map(({ label }) => label), ["Show files not processed", "Resume"]);
  assert.equal(actions[0].href, `/jobs/${cancelled.id}?status=skipped`);
  assert.equal(actions[1].id, "resumeJobBtn");
});

test("the message about a completed job offers retry only if files failed", () => {
  assert.deepEqual(completionMessage(completed, {}).actions.map(({ label }) => label), ["Show results"]);
  assert.deepEqual(completionMessage(withFailures, {}).actions.map(({ id }) => id), [undefined, "retryJobBtn"]);
});

test("the message on the job's page filters its files, and has no ids", () => {
  const shown = [];
  const { actions } = completionMessage(cancelled, { showFiles: (status) => shown.push(status) });
  assert.deepEqual(actions.map(({ label }) => label), ["Show files not processed", "Resume"]);
  assert.deepEqual(actions.map(({ href, id }) => href ?? id ?? null), [null, null]);
  actions[0].run();
  assert.deepEqual(shown, ["skipped"]);
  assert.deepEqual(completionMessage(completed, { showFiles() {} }).actions, [], "the page already shows the results");
});

test("a cancelled job whose files were all processed offers nothing", () => {
  const cancelledLate = job({
    status: "cancelled",
    progress: { processed: 100, succeeded: 100, failed: 0, in_flight: 0, pending: 0, skipped: 0 },
  });
  assert.deepEqual(completionMessage(cancelledLate, {}).actions, []);
});

for (const [name, given, options, expected] of [
  ["running", job(), {}, ["running", "Processing Files..."]],
  ["queued", job({ status: "queued" }), {}, ["running", "Processing Files..."]],
  ["paused", job({ status: "paused" }), {}, ["paused", "Paused"]],
  ["about to be cancelled", job(), { cancelling: true }, ["stopping", "Cancelling… 2 files finishing"]],
  [
    "cancelled with one file in flight",
    job({ status: "cancelled", progress: { in_flight: 1 } }),
    {},
    ["stopping", "Cancelling… 1 file finishing"],
  ],
  ["cancelled", cancelled, {}, ["finished", "Job was cancelled"]],
  ["completed", completed, {}, ["finished", "Finished"]],
  ["completed with failures", withFailures, {}, ["finished", "Finished: 3 files failed"]],
  ["failed", failed, {}, ["finished", "Job failed"]],
]) {
  test(`stage and title of a job that is ${name}`, () => {
    assert.deepEqual([stage(given, options), title(given, options)], expected);
  });
}

test("speed shows the time left of a running job and the time taken by a finished one", () => {
  const running = job({ items_per_second: 12.4, eta_seconds: 125 });
  assert.equal(speed(running), "12 files/s · about 2 min left");
  assert.equal(speed(job()), "");
  assert.equal(speed(completed), "Took 1 min 5 s · 1.5 files/s");
  assert.equal(speed({ ...completed, active_seconds: 0.2 }), "Took less than 1 s · 500 files/s");
  assert.equal(averageSpeed(completed), "1.5 files/s");
  assert.equal(averageSpeed(running), "");
});

test("spoken has the percentage and the numbers", () => {
  assert.equal(spoken(job()), "25 percent, 25 of 100 files, 1 failed");
});

test("shares are percentages of all files, and 0 for an empty job", () => {
  assert.deepEqual(shares(job()), { succeeded: 24, failed: 1 });
  const empty = job({ progress: { total: 0, succeeded: 0, failed: 0 } });
  assert.deepEqual(shares(empty), { succeeded: 0, failed: 0 });
});

test("a cancelled job is finished once no file is in flight", () => {
  assert.equal(isFinished(job({ status: "cancelled", progress: { in_flight: 2 } })), false);
  assert.equal(isFinished(cancelled), true);
  assert.equal(notProcessed(cancelled), 585);
});

test("the allowed actions depend on the status", () => {
  const names = (given) =>
    Object.entries(allowed(given)).filter(([, possible]) => possible).map(([name]) => name);
  assert.deepEqual(names(job()), ["cancel", "pause"]);
  assert.deepEqual(names(job({ status: "paused", progress: { failed: 0 } })), ["cancel", "continue"]);
  assert.deepEqual(names(job({ status: "paused" })), ["cancel", "continue", "retry"]);
  assert.deepEqual(names(cancelled), ["resume", "retry", "rerun", "remove"]);
  assert.deepEqual(names(completed), ["rerun", "remove"]);
  assert.deepEqual(names(withFailures), ["retry", "rerun", "remove"]);
});

const unchanged = { count: 0, changed: 0, vanished: 0, examples: [], checked: 0, complete: true };

test("the resume question only has the number of files if none changed", () => {
  const question = requeueQuestion("resume", { ...unchanged, count: 585 });
  assert.deepEqual(question.lines, [["585 files were not processed. They will be processed now."]]);
  assert.equal(question.option, null);
});

test("the retry question names the files that changed, and offers to skip them", () => {
  const question = requeueQuestion("retry", {
    ...unchanged,
    count: 3,
    changed: 1,
    vanished: 1,
    examples: ["a", "b"],
  });
  assert.deepEqual(question.lines, [
    ["3 files failed. They will be processed again."],
    ["Since the job was created, 1 file changed and 1 file was moved or deleted:"],
  ]);
  assert.deepEqual(question.names, ["a", "b"]);
  assert.equal(question.option, "Skip these 2 files");
});

test("the numbers of the requeue question have commas", () => {
  const { lines, option } = requeueQuestion("resume", { ...unchanged, count: 9000, changed: 1200 });
  assert.equal(lines[0][0], "9,000 files were not processed. They will be processed now.");
  assert.equal(option, "Skip these 1,200 files");
});

test("the requeue question says so if only the first files were compared", () => {
  const found = { ...unchanged, count: 90000, changed: 2, checked: 10000, complete: false };
  const { lines, option } = requeueQuestion("resume", found);
  assert.equal(lines[1][0], "Since the job was created, of the first 10,000 files 2 files changed:");
  assert.equal(option, "Skip all files that were changed, moved or deleted");
});

test("a notice that only repeats the status is null", () => {
  assert.equal(notice(job({ status: "paused", notice: "Paused" })), null);
  assert.equal(notice(job({ status: "paused", notice: "Paused by ann" })), "Paused by ann");
  assert.equal(notice(job()), null);
});

test("the cancel question mentions the files in flight", () => {
  const sentence = (inFlight) => cancelQuestion("j", job({ progress: { in_flight: inFlight } })).lines[1];
  assert.equal(sentence(0), undefined);
  assert.deepEqual(sentence(1), ["1 file being processed now will finish first."]);
  assert.deepEqual(sentence(2), ["2 files being processed now will finish first."]);
  assert.equal(cancelQuestion("j", null).lines.length, 1);
});

test("an event says what happened, by whom and from where", () => {
  const event = { kind: "cancel", actor: "ann", source: "page" };
  assert.equal(eventText(event), "Cancelled by ann, from the page");
  assert.equal(eventText({ ...event, actor: null }), "Cancelled from the page");
  assert.equal(eventText({ kind: "lease_lost", source: "cron" }), "lease lost cron");
});

test("the question before a deletion names the outputs", () => {
  const text = deleteQuestion("j").lines.flat().join(" ");
  assert.match(text, /files that it wrote to the output folder are deleted/);
  assert.match(text, /files of the library are not touched/);
});
