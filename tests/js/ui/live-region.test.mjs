import assert from "node:assert/strict";
import test from "node:test";

import { LiveRegion } from "../../../static/js/ui/live-region.js";

function setUp() {
  const heard = [];
  const clock = { time: 0 };
  const liveRegion = new LiveRegion((text) => heard.push(text), () => clock.time);
  return { heard, clock, liveRegion };
}

test("a fast job is announced at most every ten seconds", () => {
  const { heard, clock, liveRegion } = setUp();
  for (let percent = 0; percent <= 100; percent += 1) {
    liveRegion.announceProgress(percent, `${percent}`);
    clock.time += 200;
  }
  assert.deepEqual(heard, ["0", "50", "100"]);
});

test("a slow job is announced at most every ten percent", () => {
  const { heard, clock, liveRegion } = setUp();
  for (let percent = 0; percent <= 30; percent += 1) {
    liveRegion.announceProgress(percent, `${percent}`);
    clock.time += 60000;
  }
  assert.deepEqual(heard, ["0", "10", "20", "30"]);
});

test("an end is announced at once, and after a reset the first percentage", () => {
  const { heard, liveRegion } = setUp();
  liveRegion.announceProgress(5, "five");
  liveRegion.announce("the end");
  liveRegion.reset();
  liveRegion.announceProgress(0, "another");
  assert.deepEqual(heard, ["five", "the end", "another"]);
});
