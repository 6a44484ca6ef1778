import assert from "node:assert/strict";
import test from "node:test";

import { readValue } from "../../static/js/values.js";

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
    assert.deepEqual(readValue({ type }, { value }), expected);
  });
}

for (const [type, value] of [["integer", "12x"], ["number", "1e999"], ["json", "{no"]]) {
  test(`${type}: “${value}” cannot be read, so the API gets it as it is`, () => {
    assert.equal(readValue({ type }, { value }), value);
  });
}

for (const type of ["integer", "string", "json", "date"]) {
  test(`${type}: what is empty is left out, so that the default holds`, () => {
    assert.equal(readValue({ type }, { value: "  " }), undefined);
  });
}

test("a checkbox is true or false, a list of choices is a list", () => {
  assert.equal(readValue({ type: "boolean", choices: null }, { checked: false, value: "on" }), false);
  const selectedOptions = [{ value: "a" }, { value: "c" }];
  assert.deepEqual(readValue({ type: "choices", choices: [] }, { selectedOptions }), ["a", "c"]);
});

test("a yes, no or unknown that is chosen from a list is that choice", () => {
  const choices = [{ value: "true", label: "Yes" }];
  assert.equal(readValue({ type: "boolean", choices }, { value: "true" }), "true");
});
