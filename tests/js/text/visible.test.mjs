import assert from "node:assert/strict";
import test from "node:test";

import { parts, visible } from "../../../static/js/text/visible.js";

test("bidirectional and control characters are written out, others are not", () => {
  assert.equal(visible("\u202egpj.exe"), "\\u202egpj.exe");
  assert.equal(visible("a\u0007b\u009b31m\u2066c\u061c"), "a\\x07b\\x9b31m\\u2066c\\u061c");
  assert.equal(visible("größe שלום 🎉 a\u200db"), "größe שלום 🎉 a\u200db");
});

test("a line break and a tab are written out in a path only", () => {
  assert.deepEqual(parts("a\tb\nc"), ["a\tb\nc"]);
  assert.deepEqual(parts("a\nb", { isPath: true }), ["a", { hidden: "\n" }, "b"]);
});

test("the parts of a text are the text", () => {
  for (const text of ["", "plain", "\u202e", "a\u202e\u202eb", "\u0000end"]) {
    const found = parts(text, { isPath: true });
    assert.equal(found.map((part) => part.hidden ?? part).join(""), text);
  }
});
