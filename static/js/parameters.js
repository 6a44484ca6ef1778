/**
 * The form for an operation's parameters, made from its schema:
 * [{name, label, type, required, default, choices, help, min, max}].
 */

import { fill, h, toggle } from "./dom.js";
import { readValue } from "./values.js";

const INPUT_TYPES = { integer: "number", float: "number", number: "number", url: "url" };

/** Choices come as [[value, label], …], as [{value, label}, …] or as plain values. */
function option(choice, selected) {
  const [value, label] = Array.isArray(choice)
    ? choice
    : [choice.value ?? choice, choice.label ?? choice];
  return h("option", { value, selected: String(value) === String(selected ?? "") }, String(label));
}

function control(field, id) {
  const common = { id, name: field.name, required: field.required, "aria-describedby": `${id}_help` };
  if (field.choices?.length > 0) {
    const options = field.choices.map((choice) => option(choice, field.default));
    return h("select", { ...common, class: "form-select" }, options);
  }
  if (field.type === "boolean") {
    const look = { type: "checkbox", class: "form-check-input", checked: field.default === true };
    return h("input", { ...common, required: false, ...look });
  }
  return h("input", {
    ...common,
    class: "form-control",
    type: INPUT_TYPES[field.type] ?? "text",
    value: field.default ?? "",
    min: field.min,
    max: field.max,
    step: field.type === "float" || field.type === "number" ? "any" : null,
    autocomplete: "off",
  });
}

function fieldRow(field) {
  const id = `parameter_${field.name}`;
  const input = control(field, id);
  const check = field.type === "boolean" && !field.choices?.length;
  const label = h("label", { class: check ? "form-check-label" : "form-label", for: id }, field.label);
  const help = h("div", { class: "field-help" }, field.help ?? "");
  const error = h("div", { class: "field-error", dataset: { errorFor: field.name }, hidden: true });
  const below = h("div", { id: `${id}_help` }, field.help ? help : null, error);
  return check
    ? h("div", { class: "field-check form-check" }, input, label, below)
    : h("div", {}, label, input, below);
}

export class ParametersForm {
  #place;
  #fields = [];

  constructor(place) {
    this.#place = place;
  }

  show(fields) {
    this.#fields = fields;
    fill(this.#place, fields.map(fieldRow));
    toggle(this.#place, fields.length > 0);
  }

  /** {name: value}; what was left empty is left out, so that the operation's default holds. */
  values() {
    const values = {};
    for (const field of this.#fields) {
      const input = this.#input(field.name);
      const value = readValue(field, input);
      if (value !== undefined) values[field.name] = value;
    }
    return values;
  }

  /** Show the API's field errors, {name: [sentence]}; moves the focus to the first. */
  showErrors(errors) {
    let first = null;
    for (const field of this.#fields) {
      const input = this.#input(field.name);
      const sentences = errors[field.name] ?? [];
      const place = this.#place.querySelector(`[data-error-for="${CSS.escape(field.name)}"]`);
      place.textContent = sentences.join(" ");
      toggle(place, sentences.length > 0);
      input.classList.toggle("is-invalid", sentences.length > 0);
      input.setAttribute("aria-invalid", String(sentences.length > 0));
      if (sentences.length > 0) first ??= input;
    }
    first?.focus();
  }

  #input(name) {
    return this.#place.querySelector(`#${CSS.escape(`parameter_${name}`)}`);
  }
}
