import assert from "node:assert/strict";
import test from "node:test";

import { fieldValue } from "../../../static/js/files/field-value.js";

for (const [type, value, expected] of [
  ["integer", " 12 ", 12],
  ["number", "0.5", 0.5],
  ["number", "-1", -1],
  ["json", '{"3": "ok"}', { 3: "ok" }],
  ["string", " kept as it is ", " kept as it is "],
  ["text", "two\nlines", "two\nlines"],
  ["date", "2025-11-22", "2025-11-22"],
]) {
  test(`${type}: “${value}” becomes ${JSON.stringify(expected)}`, () => {
    assert.deepEqual(fieldValue({ type }, { value }), expected);
  });
}

for (const [type, value] of [["integer", "12x"], ["number", "1e999"], ["json", "{no"]]) {
  test(`${type}: invalid “${value}” is returned as text`, () => {
    assert.equal(fieldValue({ type }, { value }), value);
  });
}

for (const type of ["integer", "string", "json", "date"]) {
  test(`${type}: an empty field has no value`, () => {
    assert.equal(fieldValue({ type }, { value: "  " }), undefined);
  });
}

test("a checkbox returns a boolean, a multiple choice a list", () => {
  assert.equal(fieldValue({ type: "boolean", choices: null }, { checked: false, value: "on" }), false);
  const selectedOptions = [{ value: "a" }, { value: "c" }];
  assert.deepEqual(fieldValue({ type: "choices", choices: [] }, { selectedOptions }), ["a", "c"]);
});

test("a boolean with choices returns the choice", () => {
  const choices = [{ value: "true", label: "Yes" }];
  assert.equal(fieldValue({ type: "boolean", choices }, { value: "true" }), "true");
});
