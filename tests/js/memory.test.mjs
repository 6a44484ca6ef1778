import assert from "node:assert/strict";
import test from "node:test";

import { remember, remembered } from "../../static/js/memory.js";
import { storage } from "./dom.mjs";

test("what was chosen is remembered by its name", () => {
  globalThis.localStorage = storage();
  remember("operation", "preview");
  assert.equal(remembered("operation"), "preview");
  assert.equal(remembered("notify"), null);
});

test("where storage is switched off nothing is remembered, and nothing breaks", () => {
  const refuse = () => {
    throw new Error("SecurityError");
  };
  globalThis.localStorage = { getItem: refuse, setItem: refuse };
  remember("operation", "preview");
  assert.equal(remembered("operation"), null);
});
