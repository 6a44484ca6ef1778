/** One form control for one parameter of an operation, by the parameter's type. */

import { h } from "../ui/dom.js";

const INPUT_TYPES = {
  integer: "number",
  number: "number",
  date: "date",
  datetime: "datetime-local",
  time: "time",
};
const LONG_TEXT = new Set(["text", "json"]);

/** Return true if the control is a single checkbox, which has its label after it. */
export function isCheckbox(field) {
  return field.type === "boolean" && !field.choices;
}

function options({ choices, default: chosen }) {
  const selected = new Set([chosen].flat().map(String));
  return choices.map(({ value, label }) =>
    h("option", { value: value ?? "", selected: selected.has(String(value ?? "")) }, label),
  );
}

function initialText({ type, default: value }) {
  if (value === null || value === undefined) return "";
  return type === "json" ? JSON.stringify(value) : String(value);
}

/** An input, select or textarea that holds the parameter's default. */
export function createField(field, id) {
  const common = { id, name: field.name, required: field.required, "aria-describedby": `${id}_help` };
  if (field.choices) {
    const many = field.type === "choices";
    const look = { class: "form-select form-select-sm", multiple: many, size: many ? 4 : null };
    return h("select", { ...common, ...look }, options(field));
  }
  if (isCheckbox(field)) {
    const look = { type: "checkbox", class: "form-check-input", checked: field.default === true };
    return h("input", { ...common, required: false, ...look });
  }
  if (LONG_TEXT.has(field.type)) {
    return h("textarea", { ...common, class: "form-control form-control-sm", rows: 2 }, initialText(field));
  }
  return h("input", {
    ...common,
    class: "form-control form-control-sm",
    type: INPUT_TYPES[field.type] ?? "text",
    value: initialText(field),
    min: field.min,
    max: field.max,
    step: field.type === "number" ? "any" : null,
    autocomplete: "off",
  });
}
