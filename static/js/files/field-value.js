/** Reads a form control: returns the value that the API expects. Pure. */

import { isCheckbox } from "./field.js";

/** Text that cannot be parsed is sent as it is: the API has the best error message. */
function parsed(text, parse) {
  try {
    return parse(text);
  } catch {
    return text;
  }
}

function asNumber(text) {
  const number = Number(text);
  if (!Number.isFinite(number)) throw new RangeError(text);
  return number;
}

/** `input`: the control, or its {value, checked, selectedOptions}. Undefined if it is empty. */
export function fieldValue(field, input) {
  if (field.type === "choices") return Array.from(input.selectedOptions, ({ value }) => value);
  if (isCheckbox(field)) return input.checked;
  const text = input.value.trim();
  if (text === "") return undefined;
  if (field.type === "integer" || field.type === "number") return parsed(text, asNumber);
  if (field.type === "json") return parsed(text, JSON.parse);
  return input.value;
}
