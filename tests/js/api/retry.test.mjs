import assert from "node:assert/strict";
import test from "node:test";

import { ApiError } from "../../../static/js/api/answer.js";
import { Retry, persist } from "../../../static/js/api/retry.js";
import { settle } from "../support.mjs";

const { setTimeout: realTimeout, clearTimeout: realClear } = globalThis;
let timers = [];
test.beforeEach(() => {
  timers = [];
  globalThis.setTimeout = (run, ms) => timers.push({ run, ms });
  globalThis.clearTimeout = (id) => delete timers[id - 1];
});
test.afterEach(() => Object.assign(globalThis, { setTimeout: realTimeout, clearTimeout: realClear }));

const gone = () => new ApiError("no network");
const refusal = () => new ApiError("Too small.", { status: 400, own: true });

test("a call that failed for a reason that passes runs again, at growing intervals", () => {
  let runs = 0;
  const retry = new Retry(() => (runs += 1));
  retry.failed(gone());
  timers.at(-1).run();
  retry.failed(gone());
  assert.deepEqual([runs, timers.at(-1).ms], [1, 1000]);
  retry.succeeded();
  retry.failed(gone());
  assert.equal(timers.at(-1).ms, 500);
});

test("a refused call does not run again, nor one that was cancelled", () => {
  const retry = new Retry(() => {});
  retry.failed(refusal());
  assert.equal(timers.length, 0);
  retry.failed(gone());
  retry.cancel();
  assert.deepEqual(Object.keys(timers), []);
});

test("persist repeats until the call succeeds", async () => {
  const answers = [gone(), new ApiError("Log in first.", { status: 401, own: true }), "done"];
  const found = persist(async () => {
    const answer = answers.shift();
    if (answer instanceof Error) throw answer;
    return answer;
  });
  for (let turn = 0; turn < 2; turn += 1) {
    await settle();
    timers.at(-1).run();
  }
  assert.equal(await found, "done");
});

test("persist ends with an error that stays", async () => {
  const refuse = async () => {
    throw refusal();
  };
  await assert.rejects(persist(refuse), { message: "Too small." });
  assert.equal(timers.length, 0);
});
