import assert from "node:assert/strict";
import test from "node:test";

import { ApiError } from "../../../static/js/api/answer.js";
import { wireRefreshButton } from "../../../static/js/files/refresh-button.js";
import { FakeElement, page } from "../dom.mjs";
import { settle } from "../support.mjs";

const idle = { running: false, files: null, error: null };
const reading = (files) => ({ running: true, files, error: null });

const { setTimeout: realTimeout } = globalThis;
test.after(() => {
  globalThis.setTimeout = realTimeout;
});

/** The button on a page. The API gives these answers in turn, the first one on load. */
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
  const api = { scan: (accept) => answer(accept ? "scan, accepted" : "scan"), scanState: () => answer("state") };
  // Timers run at once, and the note is recorded.
  globalThis.setTimeout = (next) => {
    done.push(note.textContent);
    queueMicrotask(next);
  };
  const questions = [];
  const replies = [];
  const messages = new Map();
  wireRefreshButton({
    api,
    files,
    notify: (message) => {
      messages.set(message.key, message);
      done.push(`${message.tone}: ${message.parts.join("")}`);
    },
    dismiss: (key) => messages.delete(key),
    ask: async (question) => {
      questions.push(question.lines.flat().join(" "));
      return replies.shift() ?? null;
    },
  });
  await settle();
  const press = () => parts.refreshBtn.dispatch("click");
  return { done, files, press, note, button: parts.refreshBtn, questions, replies, messages };
}

test("the list is not loaded if no scan is running", async () => {
  const { done } = await setUp(idle);
  assert.deepEqual(done, ["state"]);
});

test("a scan started by others is followed to its end", async () => {
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

test("a click scans the folder, then loads a list that has files once", async () => {
  const { done, files, press } = await setUp(idle, reading(3), idle);
  files.count = 3;
  await press();
  assert.deepEqual(done, ["state", "scan", "Reading the folder… 3 files so far", "state", "load"]);
});

test("a click whose scan ends at once loads the list, too", async () => {
  const { done, press } = await setUp(idle, idle);
  await press();
  assert.deepEqual(done, ["state", "scan", "load"]);
});

test("rapid clicks start one scan", async () => {
  const { done, press } = await setUp(idle, idle, idle);
  await Promise.all([press(), press()]);
  assert.deepEqual(done.filter((entry) => entry === "scan"), ["scan"]);
});

for (const [name, answer, sentence] of [
  [
    "whose request fails",
    new ApiError("the server cannot be reached"),
    "Failed to refresh the list of files: the server cannot be reached",
  ],
  [
    "that fails",
    { ...idle, error: "the folder is not there" },
    "The folder could not be read: the folder is not there",
  ],
]) {
  test(`a scan ${name} is reported, and can be tried again`, async () => {
    const { done, press, button } = await setUp(idle, answer, idle);
    await press();
    assert.ok(done.includes(`danger: ${sentence}`), done);
    assert.equal(button.getAttribute("aria-busy"), null);
    await press();
    assert.deepEqual(done.slice(-2), ["scan", "load"]);
  });
}

const asking = { ...idle, removals: { files: 60, of: 100 } };

test("a scan that would remove most files asks, and removes them after a yes", async () => {
  const { done, press, questions, replies, messages } = await setUp(idle, asking, idle);
  replies.push({ option: false });
  await press();
  assert.match(questions[0], /This scan would remove 60 of 100 files\./);
  assert.deepEqual(done.filter((entry) => entry.startsWith("scan")), ["scan", "scan, accepted"]);
  assert.equal(messages.has("removals"), false);
});

test("a scan that would remove most files removes none after a no, and stays a message", async () => {
  const { done, press, questions, messages } = await setUp(idle, asking);
  await press();
  assert.equal(questions.length, 1);
  assert.deepEqual(done.filter((entry) => entry.startsWith("scan")), ["scan"]);
  assert.match(messages.get("removals").parts[0], /did not find 60 files of 100/);
});

test("an open question of an earlier scan is a message with a button, and no dialog", async () => {
  const { done, questions, replies, messages } = await setUp(asking, idle);
  assert.deepEqual(questions, []);
  replies.push({ option: false });
  await messages.get("removals").actions[0].run();
  assert.ok(done.includes("scan, accepted"), done);
});

test("files on a disk that is not mounted are a message until they are reached", async () => {
  const away = { ...idle, not_reached: 50, unreached: ["usb"] };
  const { press, messages } = await setUp(away, idle);
  assert.match(messages.get("unreached").parts[0], /^50 files were not reached .* “usb”\.$/);
  await press();
  assert.equal(messages.has("unreached"), false);
});

test("moved files are reported once", async () => {
  const found = { ...idle, moved: 1 };
  const { press, messages } = await setUp(found, found);
  assert.equal(messages.has("moved"), false);
  await press();
  assert.match(messages.get("moved").parts[0], /^1 file was found again/);
});

test("a scan is followed through trouble, which says nothing about the folder", async () => {
  const { done } = await setUp(new ApiError("another program answered", { status: 404 }), reading(3), new ApiError("no network"), idle);
  assert.equal(done.some((entry) => entry.startsWith("danger")), false);
  assert.deepEqual(done.filter((entry) => entry === "state").length, 4);
  assert.equal(done.at(-1), "load");
});
