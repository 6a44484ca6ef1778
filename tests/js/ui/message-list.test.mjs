import assert from "node:assert/strict";
import test from "node:test";

import { MessageList } from "../../../static/js/ui/message-list.js";
import { FakeElement, page } from "../dom.mjs";

function setUp() {
  const { area, home, inDialog } = page({
    home: new FakeElement("div"),
    inDialog: new FakeElement("div"),
    area: new FakeElement("div"),
  });
  home.append(area);
  const messages = new MessageList(area, home);
  const texts = () => area.querySelectorAll("p").map(({ textContent }) => textContent);
  const press = (label) => {
    const button = area.querySelectorAll("button").find(({ textContent }) => textContent === label);
    return button.dispatch("click");
  };
  return { messages, area, home, inDialog, texts, press };
}

test("a message replaces the one with the same key, and others stay", () => {
  const { messages, texts } = setUp();
  messages.show({ parts: ["First"], key: "job" });
  messages.show({ parts: ["Other"] });
  messages.show({ parts: ["Other"] });
  messages.show({ parts: ["Last: ", 12400], key: "job" });
  assert.deepEqual(texts(), ["Other", "Last: 12400"]);
  messages.remove("job");
  messages.remove("never shown");
  assert.deepEqual(texts(), ["Other"]);
  messages.clear();
  assert.deepEqual(texts(), []);
});

test("at most twelve messages are shown, and the oldest are removed", () => {
  const { messages, texts } = setUp();
  for (let number = 1; number <= 13; number += 1) messages.show({ parts: [`Message ${number}`] });
  assert.deepEqual([texts().length, texts()[0]], [12, "Message 2"]);
});

test("a dismissed message calls onDismiss and keeps the focus on the page", async () => {
  const { messages, texts, press } = setUp();
  const dismissed = [];
  messages.show({ parts: ["Job was cancelled"], onDismiss: () => dismissed.push("job") });
  await press("Dismiss");
  assert.deepEqual([texts(), dismissed], [[], ["job"]]);
  assert.equal(document.activeElement.id, "main");
});

test("an action's id belongs to the newest message with that action", async () => {
  const { messages, area, press } = setUp();
  const run = [];
  for (const job of ["first", "second"]) {
    const actions = [{ label: `Resume ${job}`, id: "resumeJobBtn", run: () => run.push(job) }];
    messages.show({ parts: [job], actions });
  }
  assert.deepEqual(area.querySelectorAll("#resumeJobBtn").map(({ textContent }) => textContent), [
    "Resume second",
  ]);
  await press("Resume first");
  assert.deepEqual(run, ["first"]);
});

test("only a message of tone danger is an alert", () => {
  const { messages, area } = setUp();
  messages.show({ tone: "danger", parts: ["Bad"] });
  messages.show({ tone: "warning", parts: ["Odd"] });
  assert.deepEqual(area.elements().map((message) => message.getAttribute("role")), ["alert", null]);
});

test("text that looks like markup stays text", () => {
  const { messages, texts, area } = setUp();
  messages.show({ parts: ["<img src=x onerror=alert(1)>"] });
  assert.deepEqual(texts(), ["<img src=x onerror=alert(1)>"]);
  assert.equal(area.querySelector("img"), null);
});

test("moveTo moves the messages into a dialog and back", () => {
  const { messages, area, home, inDialog } = setUp();
  messages.moveTo(inDialog);
  assert.equal(area.parentElement, inDialog);
  messages.moveTo(null);
  assert.equal(area.parentElement, home);
});
