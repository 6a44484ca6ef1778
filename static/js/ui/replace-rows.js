/** Replaces the rows of a list of jobs at each answer, while a person may be using them. */

import { fill, restoreFocus } from "./dom.js";

/** Each row has a `data-job`. The focus stays with its job. */
export function replaceRows(place, rows) {
  // Equal rows stay, and with them what a person has selected in their text.
  if (areEqual(rows, [...place.children])) return;
  // A row that is replaced between mouse down and mouse up gets no click.
  if (place.matches(":active")) return;
  const focused = place.querySelector(":focus")?.closest("[data-job]");
  fill(place, rows);
  if (!focused) return;
  const row = place.querySelector(`[data-job="${CSS.escape(focused.dataset.job)}"]`);
  (row?.querySelector("a") ?? row)?.focus();
  restoreFocus();
}

function areEqual(rows, before) {
  return rows.length === before.length && rows.every((row, index) => row.isEqualNode(before[index]));
}
