import assert from "node:assert/strict";
import test from "node:test";

import { isNotified, refusal } from "../../../static/js/text/notifications.js";
import { job } from "../support.mjs";

const fine = { status: "completed", progress: { failed: 0 } };
const long = job({ ...fine, active_seconds: 20 });
const short = job({ ...fine, active_seconds: 19.9 });
const neverStarted = job({ ...fine, active_seconds: null });
const withFailures = job({ status: "completed", active_seconds: 1, progress: { failed: 1 } });
const failed = job({ ...fine, status: "failed", active_seconds: 1 });

for (const [choice, expected] of [
  ["off", []],
  ["long", [long]],
  ["failed", [withFailures, failed]],
  ["all", [long, short, neverStarted, withFailures, failed]],
  ["a word of the future", []],
]) {
  test(`the choice “${choice}” notifies of the jobs that it names`, () => {
    const all = [long, short, neverStarted, withFailures, failed];
    assert.deepEqual(all.filter((each) => isNotified(choice, each)), expected);
  });
}

for (const [name, state, sentence] of [
  ["allowed", { permission: "granted", secure: true }, null],
  ["not asked", { permission: "default", secure: true }, null],
  ["asked without an answer", { permission: "default", secure: true, asked: true }, /press Allow/],
  ["blocked", { permission: "denied", secure: true }, /to the left of the address/],
  ["not secure", { permission: "denied", secure: false }, /https:/],
  ["not there", { permission: null, secure: true }, /offers no notifications/],
]) {
  test(`notifications that are ${name}: the person reads what to do`, () => {
    if (sentence === null) assert.equal(refusal(state), null);
    else assert.match(refusal(state), sentence);
  });
}
