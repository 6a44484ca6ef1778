import assert from "node:assert/strict";
import test from "node:test";

import { ApiError } from "../../../static/js/api/answer.js";
import { LOST_AFTER_MS, Poller, retryDelay } from "../../../static/js/api/poller.js";
import { FakeClock, settle } from "../support.mjs";

const temporary = () => Object.assign(new Error("no network"), { temporary: true });

/** A poller whose requests the test answers. `log` collects the calls of its listeners. */
function setUp({ interval = 500 } = {}) {
  const clock = new FakeClock();
  const log = [];
  const requests = [];
  const poller = new Poller({
    clock,
    request: (signal) =>
      new Promise((resolve, reject) => {
        signal.addEventListener("abort", () => reject(temporary()));
        requests.push({ resolve, reject });
      }),
    onAnswer: (answer) => {
      log.push(answer);
      return answer === "last" ? null : interval;
    },
    onTrouble: ({ retryInMs }) => log.push(`trouble ${retryInMs}`),
    onRecovered: () => log.push("recovered"),
    onLost: () => log.push("lost"),
    onNotFound: () => log.push("not found"),
  });
  const answer = async (value) => {
    requests.at(-1).resolve(value);
    await settle();
  };
  const fail = async (error = temporary()) => {
    requests.at(-1).reject(error);
    await settle();
  };
  return { clock, log, requests, poller, answer, fail };
}

test("the next request is sent the returned interval after the last answer", async () => {
  const { clock, requests, poller, answer } = setUp();
  poller.start();
  await clock.pass(20000);
  assert.equal(requests.length, 1);
  await answer("a");
  await clock.pass(499);
  assert.equal(requests.length, 1);
  await clock.pass(1);
  assert.equal(requests.length, 2);
});

test("a second start sends no request", async () => {
  const { requests, poller } = setUp();
  poller.start();
  poller.start();
  await settle();
  assert.equal(requests.length, 1);
});

test("polling stops if onAnswer returns null", async () => {
  const { clock, requests, poller, answer } = setUp();
  poller.start();
  await answer("last");
  await clock.pass(60000);
  assert.equal(requests.length, 1);
  assert.equal(poller.running, false);
});

test("errors are retried after 0.5 s, doubling, at most 8 s", () => {
  assert.deepEqual(
    [1, 2, 3, 4, 5, 6, 20].map(retryDelay),
    [500, 1000, 2000, 4000, 8000, 8000, 8000],
  );
});

test("each error calls onTrouble, the next answer onRecovered and restores the interval", async () => {
  const { clock, log, requests, poller, answer, fail } = setUp();
  poller.start();
  await fail();
  assert.equal(clock.waits()[0], 500);
  await clock.pass(500);
  await fail();
  assert.equal(clock.waits()[0], 1000);
  await clock.pass(1000);
  await answer("a");
  assert.deepEqual(log, ["trouble 500", "trouble 1000", "recovered", "a"]);
  assert.deepEqual(clock.waits(), [500]);
  await clock.pass(500);
  await fail();
  assert.equal(log.at(-1), "trouble 500");
  assert.equal(requests.length, 4);
});

test("after exactly five minutes of silence onLost is called once, and polling continues", async () => {
  const { clock, log, poller, answer, fail } = setUp();
  poller.start();
  await answer("a");
  const start = clock.now();
  await clock.pass(500);
  await fail();
  const failTo = async (end) => {
    while (clock.now() + clock.waits()[0] <= end) {
      await clock.pass(clock.waits()[0]);
      await fail();
    }
    await clock.pass(end - clock.now());
  };
  await failTo(start + LOST_AFTER_MS - 1);
  assert.equal(log.includes("lost"), false);
  await clock.pass(1);
  assert.equal(log.at(-1), "lost");
  await failTo(start + 2 * LOST_AFTER_MS);
  assert.equal(log.filter((line) => line === "lost").length, 1);
  await clock.pass(8000);
  await answer("back");
  assert.deepEqual(log.slice(-2), ["recovered", "back"]);
});

test("one error after a long sleep does not call onLost, three do", async () => {
  const { clock, log, poller, answer, fail } = setUp({ interval: LOST_AFTER_MS * 2 });
  poller.start();
  await answer("a");
  await clock.pass(LOST_AFTER_MS * 2);
  await fail();
  assert.deepEqual(log, ["a", "trouble 500"]);
  await clock.pass(500);
  await fail();
  await clock.pass(1000);
  await fail();
  assert.equal(log.at(-1), "lost");
});

test("an answer in time prevents onLost", async () => {
  const { clock, log, poller, answer, fail } = setUp();
  poller.start();
  await fail();
  await clock.pass(500);
  await answer("last");
  await clock.pass(2 * LOST_AFTER_MS);
  assert.equal(log.includes("lost"), false);
});

test("polling stops only if what is polled does not exist", async () => {
  const { clock, log, requests, poller, fail } = setUp();
  poller.start();
  await fail(new ApiError("Job not found", { status: 404, own: true }));
  await clock.pass(60000);
  assert.deepEqual(log, ["not found"]);
  assert.equal(requests.length, 1);
});

for (const error of [
  ...[400, 401, 403].map((status) => new ApiError("Refused.", { status, own: true })),
  ...[400, 401, 403, 404].map((status) => new ApiError("another program answered", { status })),
]) {
  test(`polling continues after HTTP ${error.status} of ${error.own ? "the API" : "a proxy"}`, async () => {
    const { clock, log, poller, answer, fail } = setUp();
    poller.start();
    await fail(error);
    await clock.pass(500);
    await answer("a");
    assert.deepEqual(log, ["trouble 500", "recovered", "a"]);
  });
}

test("a server that refuses for five minutes is not lost", async () => {
  const { clock, log, poller, fail } = setUp();
  poller.start();
  await fail();
  while (clock.now() < 2 * LOST_AFTER_MS) {
    await clock.pass(clock.waits()[0]);
    await fail(new ApiError("Log in first.", { status: 401, own: true }));
  }
  assert.equal(log.includes("lost"), false);
});

test("a request without an answer is aborted and calls onTrouble", async () => {
  const { clock, log, poller } = setUp();
  poller.start();
  await clock.pass(30000);
  assert.deepEqual(log, ["trouble 500"]);
});

test("pollNow sends a request at once", async () => {
  const { clock, requests, poller, answer } = setUp();
  poller.start();
  await answer("a");
  poller.pollNow();
  await settle();
  assert.equal(requests.length, 2);
  assert.equal(clock.waits().includes(500), false);
});

test("pollNow during a request sends one more right after its answer", async () => {
  const { clock, requests, poller, answer } = setUp();
  poller.start();
  poller.pollNow();
  poller.pollNow();
  await settle();
  assert.equal(requests.length, 1);
  await answer("a");
  await clock.pass(0);
  assert.equal(requests.length, 2);
});

test("a stopped poller ignores answers and sends nothing", async () => {
  const { clock, log, requests, poller, answer } = setUp();
  poller.start();
  poller.stop();
  await answer("late");
  await clock.pass(60000);
  assert.deepEqual(log, []);
  assert.equal(requests.length, 1);
});

test("an answer from before an action is dropped, and the next request is sent at once", async () => {
  const { log, requests, poller, answer, clock } = setUp();
  poller.start();
  await answer("a");
  await clock.pass(500);
  const old = requests.at(-1);
  poller.pollAfresh();
  await settle();
  assert.equal(requests.length, 3);
  old.resolve("old");
  await answer("new");
  assert.deepEqual(log, ["a", "new"]);
  poller.pollAfresh();
  await settle();
  assert.equal(requests.length, 4, "without a request on its way it polls now");
});
