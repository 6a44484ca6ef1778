import assert from "node:assert/strict";
import test from "node:test";

import { Selection } from "../../static/js/selection.js";

test("the choice survives what is shown", () => {
  const selection = new Selection();
  selection.set("a", true, { shown: ["a", "b"] });
  selection.set("z", true, { shown: ["y", "z"] });
  assert.deepEqual(selection.paths(), ["a", "z"]);
  assert.equal(selection.coverage(["a", "b"]), "some");
  assert.equal(selection.coverage(["z"]), "all");
  assert.equal(selection.coverage(["q"]), "none");
  assert.equal(selection.coverage([]), "none");
});

test("shift chooses the range from the last one touched, in both directions", () => {
  const shown = ["a", "b", "c", "d", "e"];
  const selection = new Selection();
  selection.set("d", true, { shown });
  selection.set("b", true, { through: true, shown });
  assert.deepEqual(new Set(selection.paths()), new Set(["b", "c", "d"]));
  selection.set("c", false, { through: true, shown });
  assert.deepEqual(selection.paths(), ["d"]);
});

test("shift without one touched on this page chooses only the one", () => {
  const selection = new Selection();
  selection.set("a", true, { shown: ["a"] });
  selection.set("z", true, { through: true, shown: ["x", "y", "z"] });
  assert.deepEqual(selection.paths(), ["a", "z"]);
});

test("every change is told once", () => {
  let told = 0;
  const selection = new Selection(() => (told += 1));
  selection.setMany(["a", "b", "c"], true);
  selection.set("a", false);
  selection.clear();
  assert.equal(told, 3);
  assert.equal(selection.size, 0);
});
