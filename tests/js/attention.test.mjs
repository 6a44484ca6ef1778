import assert from "node:assert/strict";
import test from "node:test";

import { Attention } from "../../static/js/attention.js";
import { FakeElement, page, storage } from "./dom.mjs";
import { job } from "./support.mjs";

const long = job({ status: "completed", active_seconds: 20 });

/** A page whose system allows notifications or not; `shown` are those that it was given. */
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
  return { attention: new Attention(), favicon, bell, shown };
}

test("the tab's title and icon show the percentage while a job runs, and then themselves", () => {
  const { attention, favicon } = setUp();
  attention.progress(0);
  assert.equal(document.title, "0% · Files");
  assert.deepEqual([favicon.href, favicon.type], ["data:image/png;ring", "image/png"]);
  attention.progress(42);
  assert.equal(document.title, "42% · Files");
  attention.progress(null);
  assert.equal(document.title, "Files");
  assert.deepEqual([favicon.href, favicon.type], ["/favicon.svg", "image/svg+xml"]);
});

const allowed = { permission: "granted", notify: "yes" };

test("the end of a long job is told to a person who looks elsewhere and has asked for it", () => {
  const { attention, shown } = setUp(allowed);
  attention.ended(long, "All is done");
  assert.deepEqual(shown, [["Verify files", "All is done", long.id]]);
});

for (const [name, setting, ended] of [
  ["who looks at the page", { ...allowed, looking: true }, long],
  ["who has not asked for it", { permission: "granted" }, long],
  ["who has switched it off again", { ...allowed, notify: "no" }, long],
  ["whose browser blocks it", { ...allowed, permission: "denied" }, long],
  ["of a short job", allowed, job({ active_seconds: 19.9 })],
  ["of a job that never began", allowed, job({ active_seconds: null })],
]) {
  test(`no notification for a person ${name}`, () => {
    const { attention, shown } = setUp(setting);
    attention.ended(ended, "All is done");
    assert.deepEqual(shown, []);
  });
}

test("a browser that has notifications and allows them to no page breaks nothing", () => {
  const { attention } = setUp({ ...allowed, refuses: true });
  attention.ended(long, "All is done");
});

test("the bell asks for permission by its click, and a second click switches it off", async () => {
  const { attention, bell } = setUp();
  attention.wireButton(bell);
  assert.equal(bell.getAttribute("aria-pressed"), "false");
  await bell.dispatch("click");
  assert.deepEqual([bell.getAttribute("aria-pressed"), localStorage.getItem("notify")], ["true", "yes"]);
  await bell.dispatch("click");
  assert.deepEqual([bell.getAttribute("aria-pressed"), localStorage.getItem("notify")], ["false", "no"]);
});

test("where the browser blocks notifications the bell says so and cannot be pressed", () => {
  const { attention, bell } = setUp({ permission: "denied" });
  attention.wireButton(bell);
  assert.equal(bell.disabled, true);
  assert.match(bell.title, /blocked/);
});

test("without notifications there is no bell", () => {
  const { attention, bell, shown } = setUp();
  delete globalThis.Notification;
  bell.hidden = true;
  attention.wireButton(bell);
  attention.ended(long, "All is done");
  assert.deepEqual([bell.hidden, shown], [true, []]);
});
