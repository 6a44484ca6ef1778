/** What stands in a control -> the value that the API expects. Pure. */

/** A value that cannot be read is passed on as text: the API knows best what to say about it. */
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

/**
 * `input`: {value, checked, selectedOptions} of the control. Undefined where nothing was given.
 */
export function readValue(field, input) {
  if (field.type === "choices") return Array.from(input.selectedOptions, ({ value }) => value);
  if (field.type === "boolean" && !field.choices) return input.checked;
  const text = input.value.trim();
  if (text === "") return undefined;
  if (field.type === "integer" || field.type === "number") return parsed(text, asNumber);
  if (field.type === "json") return parsed(text, JSON.parse);
  return input.value;
}
