import assert from "node:assert/strict";
import test from "node:test";

import { TabIndicator } from "../../../static/js/progress/tab-indicator.js";
import { FakeElement, page, storage } from "../dom.mjs";
import { job } from "../support.mjs";

const long = job({ status: "completed", active_seconds: 20 });

/** `shown` collects the notifications that the browser was asked for. */
function setUp({ permission = "default", notify = null, looking = false, refuses = false } = {}) {
  const favicon = Object.assign(new FakeElement("link"), { href: "/favicon.svg", type: "image/svg+xml" });
  const bell = new FakeElement("button");
  bell.append(new FakeElement("svg"));
  bell.elements()[0].replaceWith = () => {};
  page({ favicon, bell });
  const { createElement } = document;
  const pen = { beginPath() {}, arc() {}, stroke() {} };
  const canvas = { getContext: () => pen, toDataURL: () => "data:image/png;ring" };
  Object.assign(document, {
    createElement: (tag) => (tag === "canvas" ? canvas : createElement(tag)),
    visibilityState: looking ? "visible" : "hidden",
    hasFocus: () => looking,
  });
  const shown = [];
  globalThis.localStorage = storage();
  if (notify) localStorage.setItem("notify", notify);
  globalThis.Notification = class {
    static permission = permission;
    static requestPermission = async () => (this.permission = "granted");
    constructor(title, { body, tag }) {
      if (refuses) throw new TypeError("Illegal constructor");
      shown.push([title, body, tag]);
    }
    addEventListener() {}
  };
  return { tabIndicator: new TabIndicator(), favicon, bell, shown };
}

test("the tab's title and icon show the percentage, and are restored afterwards", () => {
  const { tabIndicator, favicon } = setUp();
  tabIndicator.showPercent(0);
  assert.equal(document.title, "0% · Files");
  assert.deepEqual([favicon.href, favicon.type], ["data:image/png;ring", "image/png"]);
  tabIndicator.showPercent(42);
  assert.equal(document.title, "42% · Files");
  tabIndicator.showPercent(null);
  assert.equal(document.title, "Files");
  assert.deepEqual([favicon.href, favicon.type], ["/favicon.svg", "image/svg+xml"]);
});

const allowed = { permission: "granted", notify: "yes" };

test("a long job sends a notification if the person is not looking and has asked for it", () => {
  const { tabIndicator, shown } = setUp(allowed);
  tabIndicator.notifyFinished(long, "All is done");
  assert.deepEqual(shown, [["Verify files", "All is done", long.id]]);
});

for (const [name, setting, ended] of [
  ["for a person who is looking at the page", { ...allowed, looking: true }, long],
  ["for a person who has not asked for it", { permission: "granted" }, long],
  ["for a person who has switched notifications off", { ...allowed, notify: "no" }, long],
  ["for a person whose browser blocks notifications", { ...allowed, permission: "denied" }, long],
  ["after a short job", allowed, job({ active_seconds: 19.9 })],
  ["after a job that never started", allowed, job({ active_seconds: null })],
]) {
  test(`no notification ${name}`, () => {
    const { tabIndicator, shown } = setUp(setting);
    tabIndicator.notifyFinished(ended, "All is done");
    assert.deepEqual(shown, []);
  });
}

test("an error of the browser's Notification class is ignored", () => {
  const { tabIndicator } = setUp({ ...allowed, refuses: true });
  tabIndicator.notifyFinished(long, "All is done");
});

test("the bell asks for permission when clicked, and a second click switches it off", async () => {
  const { tabIndicator, bell } = setUp();
  tabIndicator.wireButton(bell);
  assert.equal(bell.getAttribute("aria-pressed"), "false");
  await bell.dispatch("click");
  assert.deepEqual([bell.getAttribute("aria-pressed"), localStorage.getItem("notify")], ["true", "yes"]);
  await bell.dispatch("click");
  assert.deepEqual([bell.getAttribute("aria-pressed"), localStorage.getItem("notify")], ["false", "no"]);
});

test("the bell is disabled and says why if the browser blocks notifications", () => {
  const { tabIndicator, bell } = setUp({ permission: "denied" });
  tabIndicator.wireButton(bell);
  assert.equal(bell.disabled, true);
  assert.match(bell.title, /blocked/);
});

test("the bell stays hidden if the browser has no notifications", () => {
  const { tabIndicator, bell, shown } = setUp();
  delete globalThis.Notification;
  bell.hidden = true;
  tabIndicator.wireButton(bell);
  tabIndicator.notifyFinished(long, "All is done");
  assert.deepEqual([bell.hidden, shown], [true, []]);
});
