import assert from "node:assert/strict";
import test from "node:test";

import { Selection } from "../../../static/js/files/selection.js";

test("the selection survives another page", () => {
  const selection = new Selection();
  selection.set("a", true, { shown: ["a", "b"] });
  selection.set("z", true, { shown: ["y", "z"] });
  assert.deepEqual(selection.paths(), ["a", "z"]);
  assert.equal(selection.coverage(["a", "b"]), "some");
  assert.equal(selection.coverage(["z"]), "all");
  assert.equal(selection.coverage(["q"]), "none");
  assert.equal(selection.coverage([]), "none");
});

test("shift selects the range from the last file set, in both directions", () => {
  const shown = ["a", "b", "c", "d", "e"];
  const selection = new Selection();
  selection.set("d", true, { shown });
  selection.set("b", true, { through: true, shown });
  assert.deepEqual(new Set(selection.paths()), new Set(["b", "c", "d"]));
  selection.set("c", false, { through: true, shown });
  assert.deepEqual(selection.paths(), ["d"]);
});

test("shift selects one file if the last file set is not shown", () => {
  const selection = new Selection();
  selection.set("a", true, { shown: ["a"] });
  selection.set("z", true, { through: true, shown: ["x", "y", "z"] });
  assert.deepEqual(selection.paths(), ["a", "z"]);
});

test("every change calls onChange once", () => {
  let calls = 0;
  const selection = new Selection(() => (calls += 1));
  selection.setMany(["a", "b", "c"], true);
  selection.set("a", false);
  selection.clear();
  assert.equal(calls, 3);
  assert.equal(selection.size, 0);
});
