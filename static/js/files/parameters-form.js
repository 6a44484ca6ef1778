/**
 * The form for an operation's parameters, created from their description by the API:
 * [{name, label, type, required, default, choices, help, min, max}].
 */

import { fill, h, toggle } from "../ui/dom.js";
import { createField, isCheckbox } from "./field.js";
import { fieldValue } from "./field-value.js";

function fieldRow(field) {
  const id = `parameter_${field.name}`;
  const input = createField(field, id);
  const check = isCheckbox(field);
  const label = h("label", { class: check ? "form-check-label" : "form-label", for: id }, field.label);
  const help = h("div", { class: "field-help" }, field.help ?? "");
  const error = h("div", { class: "field-error", dataset: { errorFor: field.name }, hidden: true });
  const below = h("div", { id: `${id}_help` }, field.help ? help : null, error);
  return check
    ? h("div", { class: "field-check form-check" }, input, label, below)
    : h("div", {}, label, input, below);
}

/** More fields than these are folded away, unless one of them needs a value. */
const MAX_UNFOLDED = 2;

function needsValue(field) {
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
    for (const { name } of fields) {
      this.#input(name).addEventListener("input", () => this.#showError(name, []));
    }
    toggle(this.#place, fields.length > 0);
    const few = fields.length <= MAX_UNFOLDED;
    toggle(this.#place.firstElementChild, !few);
    this.#place.open = few || fields.some(needsValue);
  }

  /** {name: value} without empty fields, for which the operation uses its defaults. */
  values() {
    const values = {};
    for (const field of this.#fields) {
      const value = fieldValue(field, this.#input(field.name));
      if (value !== undefined) values[field.name] = value;
    }
    return values;
  }

  /**
   * Show the API's field errors, {name: [sentence]}, each until its field changes. The first field
   * in error gets the focus.
   */
  showErrors(errors) {
    let first = null;
    for (const { name } of this.#fields) {
      const sentences = errors[name] ?? [];
      this.#showError(name, sentences);
      if (sentences.length > 0) first ??= this.#input(name);
    }
    if (first) this.#place.open = true;
    first?.focus();
  }

  /** Without sentences, the field is valid. */
  #showError(name, sentences) {
    const input = this.#input(name);
    const invalid = sentences.length > 0;
    const place = this.#place.querySelector(`[data-error-for="${CSS.escape(name)}"]`);
    place.textContent = sentences.join(" ");
    toggle(place, invalid);
    input.classList.toggle("is-invalid", invalid);
    input.setAttribute("aria-invalid", String(invalid));
  }

  #input(name) {
    return this.#place.querySelector(`#${CSS.escape(`parameter_${name}`)}`);
  }
}
