import assert from "node:assert/strict";
import test from "node:test";

import { ApiError } from "../../static/js/api.js";
import { wireRefresh } from "../../static/js/refresh.js";
import { FakeElement, page } from "./dom.mjs";
import { settle } from "./support.mjs";

const idle = { running: false, files: null, error: null };
const reading = (files) => ({ running: true, files, error: null });

const { setTimeout: realTimeout } = globalThis;
test.after(() => {
  globalThis.setTimeout = realTimeout;
});

/** The button on a page; the API answers from a list, the first one to the page's own question. */
async function setUp(...answers) {
  const done = [];
  const parts = page({ refreshBtn: new FakeElement("button"), scanNote: new FakeElement("span") });
  const note = parts.scanNote;
  const answer = async (call) => {
    done.push(call);
    const found = answers.shift();
    if (found instanceof Error) throw found;
    return found;
  };
  const files = { count: 0, load: async () => done.push("load") };
  const api = { scan: () => answer("scan"), scanState: () => answer("state") };
  // No waiting between two questions; what is said meanwhile is noted.
  globalThis.setTimeout = (next) => {
    done.push(note.textContent);
    queueMicrotask(next);
  };
  wireRefresh({ api, files, say: ({ parts: words, tone }) => done.push(`${tone}: ${words.join("")}`) });
  await settle();
  const press = () => parts.refreshBtn.dispatch("click");
  return { done, files, press, note, button: parts.refreshBtn };
}

test("nothing is shown again where nothing was being read", async () => {
  const { done } = await setUp(idle);
  assert.deepEqual(done, ["state"]);
});

test("a scan that somebody else has begun is followed to its end", async () => {
  const { done, note, button } = await setUp(reading(null), reading(1200), idle);
  assert.deepEqual(done, [
    "state",
    "load",
    "Reading the folder… 0 files so far",
    "state",
    "load",
    "Reading the folder… 1200 files so far",
    "state",
    "load",
  ]);
  assert.deepEqual([note.textContent, button.getAttribute("aria-busy")], ["", null]);
});

test("pressed: the folder is read, then the list is shown again, once if it has files", async () => {
  const { done, files, press } = await setUp(idle, reading(3), idle);
  files.count = 3;
  await press();
  assert.deepEqual(done, ["state", "scan", "Reading the folder… 3 files so far", "state", "load"]);
});

test("pressed, and ready at once: the list is shown again all the same", async () => {
  const { done, press } = await setUp(idle, idle);
  await press();
  assert.deepEqual(done, ["state", "scan", "load"]);
});

test("rapid clicks read the folder once", async () => {
  const { done, press } = await setUp(idle, idle, idle);
  await Promise.all([press(), press()]);
  assert.deepEqual(done.filter((entry) => entry === "scan"), ["scan"]);
});

for (const [name, answer, reason] of [
  ["that cannot be asked for", new ApiError("the server cannot be reached"), "the server cannot be reached"],
  ["that failed", { ...idle, error: "the folder is not there" }, "the folder is not there"],
]) {
  test(`a scan ${name} is told, and can be tried again`, async () => {
    const { done, press, button } = await setUp(idle, answer, idle);
    await press();
    assert.ok(done.includes(`danger: The folder could not be read: ${reason}`), done);
    assert.equal(button.getAttribute("aria-busy"), null);
    await press();
    assert.deepEqual(done.slice(-2), ["scan", "load"]);
  });
}
