/**
 * The form for an operation's parameters, made from its schema:
 * [{name, label, type, required, default, choices, help, min, max}].
 */

import { control, isCheckbox } from "./controls.js";
import { fill, h, toggle } from "./dom.js";
import { readValue } from "./values.js";

function fieldRow(field) {
  const id = `parameter_${field.name}`;
  const input = control(field, id);
  const check = isCheckbox(field);
  const label = h("label", { class: check ? "form-check-label" : "form-label", for: id }, field.label);
  const help = h("div", { class: "field-help" }, field.help ?? "");
  const error = h("div", { class: "field-error", dataset: { errorFor: field.name }, hidden: true });
  const below = h("div", { id: `${id}_help` }, field.help ? help : null, error);
  return check
    ? h("div", { class: "field-check form-check" }, input, label, below)
    : h("div", {}, label, input, below);
}

/** More than these are folded away, if the operation runs well without a look at them. */
const SHOWN_AT_ONCE = 2;

function mustBeGiven(field) {
  return field.required && (field.default === null || field.default === undefined);
}

export class ParametersForm {
  #place;
  #fields = [];

  /** `place`: a <details> element with a summary and an element for the fields. */
  constructor(place) {
    this.#place = place;
  }

  show(fields) {
    this.#fields = fields;
    fill(this.#place.lastElementChild, fields.map(fieldRow));
    toggle(this.#place, fields.length > 0);
    const few = fields.length <= SHOWN_AT_ONCE;
    toggle(this.#place.firstElementChild, !few);
    this.#place.open = few || fields.some(mustBeGiven);
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
    if (first) this.#place.open = true;
    first?.focus();
  }

  #input(name) {
    return this.#place.querySelector(`#${CSS.escape(`parameter_${name}`)}`);
  }
}
