import assert from "node:assert/strict";
import test from "node:test";

import { depthText } from "../../../static/js/text/depth.js";

test("a result says how far the file was looked into", () => {
  assert.equal(depthText({ checked: "content" }), "content checked");
  assert.equal(depthText({ checked: "structure" }), "structure checked");
  assert.equal(depthText({ checked: "checksum" }), "checksum only");
});

test("a result of another operation says nothing", () => {
  for (const result of [null, {}, { checked: true }, { checked: "toString" }, { checked: ["content"] }]) {
    assert.equal(depthText(result), "");
  }
});
