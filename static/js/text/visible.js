/**
 * Text of files, programs and people, as it may be shown. Pure.
 *
 * A bidirectional character can make “gpj.exe” read as “exe.jpg”, and a control character is not
 * seen at all. Both are written out, as `\u202e` and `\x07`.
 */

/** A line break and a tab in a sentence are space; in a path they are not. */
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;
const HIDDEN_IN_PATH = new RegExp(`${HIDDEN.source}|[\t\n]`, "g");

/** How a hidden character is written. */
export function written(character) {
  const code = character.codePointAt(0);
  return code < 0x100 ? `\\x${code.toString(16).padStart(2, "0")}` : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** The text with its hidden characters written out, where only a string is possible. */
export function visible(text) {
  return text.replace(HIDDEN, written);
}

/** ["a", {hidden: "\u202e"}, "b"]: the text in parts; most have a single one. */
export function parts(text, { isPath = false } = {}) {
  const pattern = isPath ? HIDDEN_IN_PATH : HIDDEN;
  const found = [];
  let end = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > end) found.push(text.slice(end, match.index));
    found.push({ hidden: match[0] });
    end = match.index + 1;
  }
  if (end < text.length || found.length === 0) found.push(text.slice(end));
  return found;
}
