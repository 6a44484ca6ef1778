import assert from "node:assert/strict";
import test from "node:test";

import { TabIndicator } from "../../../static/js/progress/tab-indicator.js";
import { FakeElement, page } from "../dom.mjs";

function setUp() {
  const favicon = Object.assign(new FakeElement("link"), { href: "/favicon.svg", type: "image/svg+xml" });
  page({ favicon });
  const { createElement } = document;
  const pen = { beginPath() {}, arc() {}, stroke() {} };
  const canvas = { getContext: () => pen, toDataURL: () => "data:image/png;ring" };
  document.createElement = (tag) => (tag === "canvas" ? canvas : createElement(tag));
  return { tabIndicator: new TabIndicator(), favicon };
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
