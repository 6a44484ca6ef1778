import assert from "node:assert/strict";
import test from "node:test";

import { load, save } from "../../../static/js/ui/storage.js";
import { storage } from "../dom.mjs";

test("a saved text is loaded by its name", () => {
  globalThis.localStorage = storage();
  save("operation", "preview");
  assert.equal(load("operation"), "preview");
  assert.equal(load("notify"), null);
});

test("nothing is saved, and nothing fails, if storage is switched off", () => {
  const refuse = () => {
    throw new Error("SecurityError");
  };
  globalThis.localStorage = { getItem: refuse, setItem: refuse };
  save("operation", "preview");
  assert.equal(load("operation"), null);
});
