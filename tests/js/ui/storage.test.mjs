import assert from "node:assert/strict";
import test from "node:test";

import { load, save, saveForServer } from "../../../static/js/ui/storage.js";
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

test("a choice for the server is a cookie of this site, whatever its text", () => {
  globalThis.document = { cookie: "" };
  saveForServer("operation", "a; domain=evil");
  assert.equal(
    document.cookie,
    "batchsite_operation=a%3B%20domain%3Devil; path=/; max-age=31536000; samesite=lax",
  );
  delete globalThis.document;
});
