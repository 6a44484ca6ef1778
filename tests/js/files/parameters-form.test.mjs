import assert from "node:assert/strict";
import test from "node:test";

import { ParametersForm } from "../../../static/js/files/parameters-form.js";
import { FakeElement, page } from "../dom.mjs";

const text = { name: "suffix", label: "Suffix", type: "string", required: false, default: null };
const size = { name: "size", label: "Size", type: "integer", required: true, default: 256 };
const deep = { name: "deep", label: "Deep", type: "boolean", required: false, default: true };

function setUp(...fields) {
  const place = new FakeElement("details");
  page({ place });
  place.append(new FakeElement("summary"), new FakeElement("div"));
  const form = new ParametersForm(place);
  form.show(fields);
  const input = (name) => place.querySelector(`#parameter_${name}`);
  return { form, place, summary: place.firstElementChild, input };
}

test("values() reads the controls and leaves out empty ones", () => {
  const { form, input } = setUp(text, size, deep);
  assert.deepEqual(form.values(), { size: 256, deep: true });
  input("size").value = " 512 ";
  input("suffix").value = ".jpg";
  input("deep").checked = false;
  assert.deepEqual(form.values(), { suffix: ".jpg", size: 512, deep: false });
});

test("two fields are shown, more are folded away", () => {
  const folds = ({ place, summary }) => ({ open: place.open, foldable: !summary.hidden });
  assert.deepEqual(folds(setUp(text, size)), { open: true, foldable: false });
  assert.deepEqual(folds(setUp(text, size, deep)), { open: false, foldable: true });
});

test("a field that needs a value is not folded away", () => {
  assert.equal(setUp(text, { ...size, default: null }, deep).place.open, true);
});

test("the form is hidden if the operation has no parameters", () => {
  assert.equal(setUp().place.hidden, true);
});

test("errors are shown at their fields, and the first one gets the focus", () => {
  const { form, place, input } = setUp(text, size, deep);
  form.showErrors({ deep: ["No."], size: ["Too small.", "Odd."], other: ["?"] });
  assert.equal(place.open, true);
  assert.equal(document.activeElement, input("size"));
  assert.equal(place.querySelector('[data-error-for="size"]').textContent, "Too small. Odd.");
  assert.deepEqual(
    ["suffix", "size", "deep"].map((name) => input(name).getAttribute("aria-invalid")),
    ["false", "true", "true"],
  );
  form.showErrors({});
  assert.equal(place.querySelector('[data-error-for="size"]').hidden, true);
  assert.equal(input("size").getAttribute("aria-invalid"), "false");
});

test("the error of a field goes when the field changes, that of another field stays", async () => {
  const { form, place, input } = setUp(text, size);
  form.showErrors({ suffix: ["Odd."], size: ["Too small."] });
  await input("size").dispatch("input");
  const shown = (name) => {
    const error = place.querySelector(`[data-error-for="${name}"]`);
    return [error.hidden, error.textContent, input(name).getAttribute("aria-invalid")];
  };
  assert.deepEqual(shown("size"), [true, "", "false"]);
  assert.deepEqual(shown("suffix"), [false, "Odd.", "true"]);
});
