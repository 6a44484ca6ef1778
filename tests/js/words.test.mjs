import assert from "node:assert/strict";
import test from "node:test";

import { describeChanges } from "../../static/js/changes.js";
import { outcome, plain } from "../../static/js/outcome.js";
import { averageSpeed, notice, shares, speed, spoken, stage, title } from "../../static/js/progress.js";
import { report } from "../../static/js/report.js";
import { allowed, isSettled, notProcessed } from "../../static/js/states.js";
import { job } from "./support.mjs";

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

test("a cancelled job: the words of its document, then the numbers", () => {
  const { tone, parts } = outcome(cancelled);
  assert.equal(tone, "warning");
  assert.equal(parts.join(""), "Job was cancelled: 412 done, 3 failed, 585 not processed");
});

test("where ends of several jobs are told, each sentence says which job it is", () => {
  const told = (ended) => plain(outcome(ended, "Slow, 14:32").parts);
  assert.equal(told(cancelled), "Job was cancelled (Slow, 14:32): 412 done, 3 failed, 585 not processed");
  assert.equal(told(withFailures), "Slow, 14:32: 97 done, 3 failed");
  assert.equal(
    told(failed),
    "Job failed (Slow, 14:32): The disk is full. 24 done, 1 failed, 75 not processed",
  );
  assert.deepEqual(report(cancelled, {}, "Slow, 14:32").parts, outcome(cancelled, "Slow, 14:32").parts);
});

test("the other ends say what happened", () => {
  assert.deepEqual(outcome(completed).tone, "success");
  assert.equal(plain(outcome(withFailures).parts), "Verify files: 97 done, 3 failed");
  assert.equal(
    plain(outcome(failed).parts),
    "Job failed: The disk is full. 24 done, 1 failed, 75 not processed",
  );
});

test("the message about a cancelled job offers what was not processed, and to resume", () => {
  const { actions } = report(cancelled, {});
  assert.deepEqual(actions.map(({ label }) => label), ["Show files not processed", "Resume"]);
  assert.equal(actions[0].href, `/jobs/${cancelled.id}?status=skipped`);
  assert.equal(actions[1].id, "resumeJobBtn");
});

test("a completed job offers retry only if files failed", () => {
  assert.deepEqual(report(completed, {}).actions.map(({ label }) => label), ["Show results"]);
  assert.deepEqual(report(withFailures, {}).actions.map(({ id }) => id), [undefined, "retryJobBtn"]);
});

test("on its own page the message shows the files there, and takes no button's id", () => {
  const shown = [];
  const { actions } = report(cancelled, { show: (status) => shown.push(status) });
  assert.deepEqual(actions.map(({ label }) => label), ["Show files not processed", "Resume"]);
  assert.deepEqual(actions.map(({ href, id }) => href ?? id ?? null), [null, null]);
  actions[0].run();
  assert.deepEqual(shown, ["skipped"]);
  assert.deepEqual(report(completed, { show() {} }).actions, [], "its results are there already");
});

test("a job that was cancelled when all was done has nothing to resume", () => {
  const done = job({
    status: "cancelled",
    progress: { processed: 100, succeeded: 100, failed: 0, in_flight: 0, pending: 0, skipped: 0 },
  });
  assert.deepEqual(report(done, {}).actions, []);
});

for (const [name, given, options, expected] of [
  ["running", job(), {}, ["running", "Processing Files..."]],
  ["queued", job({ status: "queued" }), {}, ["running", "Processing Files..."]],
  ["paused", job({ status: "paused" }), {}, ["paused", "Paused"]],
  ["cancel on its way", job(), { cancelling: true }, ["stopping", "Cancelling… 2 files finishing"]],
  [
    "cancelled, one file under way",
    job({ status: "cancelled", progress: { in_flight: 1 } }),
    {},
    ["stopping", "Cancelling… 1 file finishing"],
  ],
  ["cancelled", cancelled, {}, ["over", "Job was cancelled"]],
  ["completed", completed, {}, ["over", "Finished"]],
  ["completed with failures", withFailures, {}, ["over", "Finished: 3 files failed"]],
  ["failed", failed, {}, ["over", "Job failed"]],
]) {
  test(`stage and title of a job that is ${name}`, () => {
    assert.deepEqual([stage(given, options), title(given, options)], expected);
  });
}

test("speed and time left while it runs, the time taken afterwards", () => {
  const running = job({ items_per_second: 12.4, eta_seconds: 125 });
  assert.equal(speed(running), "12 files/s · about 2 min left");
  assert.equal(speed(job()), "");
  assert.equal(speed(completed), "Took 1 min 5 s · 1.5 files/s");
  assert.equal(averageSpeed(completed), "1.5 files/s");
  assert.equal(averageSpeed(running), "");
});

test("what a screen reader hears of the bar", () => {
  assert.equal(spoken(job()), "25 percent, 25 of 100 files, 1 failed");
});

test("the bar's parts are shares of all files; an empty job has no division by zero", () => {
  assert.deepEqual(shares(job()), { succeeded: 24, failed: 1 });
  const empty = job({ progress: { total: 0, succeeded: 0, failed: 0 } });
  assert.deepEqual(shares(empty), { succeeded: 0, failed: 0 });
});

test("a cancelled job is settled only when the files under way have ended", () => {
  assert.equal(isSettled(job({ status: "cancelled", progress: { in_flight: 2 } })), false);
  assert.equal(isSettled(cancelled), true);
  assert.equal(notProcessed(cancelled), 585);
});

test("what may be done follows the status", () => {
  const names = (given) =>
    Object.entries(allowed(given)).filter(([, possible]) => possible).map(([name]) => name);
  assert.deepEqual(names(job()), ["cancel", "pause"]);
  assert.deepEqual(names(job({ status: "paused" })), ["cancel", "proceed"]);
  assert.deepEqual(names(cancelled), ["resume", "retry", "again", "remove"]);
  assert.deepEqual(names(completed), ["again", "remove"]);
  assert.deepEqual(names(withFailures), ["retry", "again", "remove"]);
});

const unchanged = { count: 0, changed: 0, vanished: 0, examples: [], checked: 0, complete: true };

test("the question before a resume: how many, and nothing more where nothing changed", () => {
  const question = describeChanges("resume", { ...unchanged, count: 585 });
  assert.deepEqual(question.lines, [["585 files were not processed. They are processed now."]]);
  assert.equal(question.option, null);
});

test("the question names what changed or vanished, with the choice to leave it out", () => {
  const question = describeChanges("retry", {
    ...unchanged,
    count: 3,
    changed: 1,
    vanished: 1,
    examples: ["a", "b"],
  });
  assert.deepEqual(question.lines, [
    ["3 files failed. They are processed again."],
    ["Since the job was made, 1 file changed and 1 file moved or vanished:"],
  ]);
  assert.deepEqual(question.names, ["a", "b"]);
  assert.equal(question.option, "Leave these 2 files out");
});

test("every number of the question has its digits in groups", () => {
  const { lines, option } = describeChanges("resume", { ...unchanged, count: 9000, changed: 1200 });
  assert.equal(lines[0][0], "9,000 files were not processed. They are processed now.");
  assert.equal(option, "Leave these 1,200 files out");
});

test("of very many files only the first are looked at, and the question says so", () => {
  const found = { ...unchanged, count: 90000, changed: 2, checked: 10000, complete: false };
  const { lines, option } = describeChanges("resume", found);
  assert.equal(lines[1][0], "Since the job was made, of the first 10,000 files 2 files changed:");
  assert.equal(option, "Leave out all files that changed or vanished");
});

test("a notice is left out where it says no more than the status", () => {
  assert.equal(notice(job({ status: "paused", notice: "Paused" })), null);
  assert.equal(notice(job({ status: "paused", notice: "Paused by ann" })), "Paused by ann");
  assert.equal(notice(job()), null);
});
