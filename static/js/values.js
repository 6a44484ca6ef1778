/** What stands in an input -> the value that the API expects. Pure. */

const NUMBERS = new Set(["integer", "float", "number"]);

/**
 * `input`: {value, checked}. Undefined where nothing was given. A number that is none is passed
 * on as text: the API knows best what to say about it.
 */
export function readValue(field, input) {
  if (field.type === "boolean" && !field.choices?.length) return input.checked;
  const text = input.value.trim();
  if (text === "") return undefined;
  const number = Number(text);
  if (NUMBERS.has(field.type) && Number.isFinite(number)) return number;
  return input.value;
}
