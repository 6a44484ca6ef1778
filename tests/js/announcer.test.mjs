import assert from "node:assert/strict";
import test from "node:test";

import { Announcer } from "../../static/js/announcer.js";

function setUp() {
  const heard = [];
  const clock = { time: 0 };
  const announcer = new Announcer((text) => heard.push(text), () => clock.time);
  return { heard, clock, announcer };
}

test("a fast job is heard at most every ten seconds", () => {
  const { heard, clock, announcer } = setUp();
  for (let percent = 0; percent <= 100; percent += 1) {
    announcer.progress(percent, `${percent}`);
    clock.time += 200;
  }
  assert.deepEqual(heard, ["0", "50", "100"]);
});

test("a slow job is heard at most every ten percent", () => {
  const { heard, clock, announcer } = setUp();
  for (let percent = 0; percent <= 30; percent += 1) {
    announcer.progress(percent, `${percent}`);
    clock.time += 60000;
  }
  assert.deepEqual(heard, ["0", "10", "20", "30"]);
});

test("what matters is heard at once, and another job begins anew", () => {
  const { heard, announcer } = setUp();
  announcer.progress(5, "five");
  announcer.now("the end");
  announcer.reset();
  announcer.progress(0, "another");
  assert.deepEqual(heard, ["five", "the end", "another"]);
});
