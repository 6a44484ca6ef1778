import assert from "node:assert/strict";
import { test } from "node:test";

import { kindsSentence, nameKinds } from "../../../static/js/text/file-kinds.js";

test("kinds have names for people", () => {
  assert.equal(nameKinds(["image"]), "pictures");
  assert.equal(nameKinds(["image", "pdf"]), "pictures and PDFs");
  assert.equal(nameKinds(["image", "video", "text"]), "pictures, films and text files");
});

test("a sentence says how many files the operation is for", () => {
  assert.equal(kindsSentence(["image"], 1518, 20678), "Only for pictures: 1,518 of 20,678 files.");
});
