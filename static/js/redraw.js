/** Rows of jobs, made anew at each answer while somebody may be using them. */

import { fill, focusSomewhere } from "./dom.js";

/** Replace the rows, of which each has a `data-job`; the focus stays with its job. */
export function redraw(place, rows) {
  if (same(rows, [...place.children])) return;
  // What is replaced while the mouse or a finger is down on it is never clicked.
  if (place.matches(":active")) return;
  const focused = place.querySelector(":focus")?.closest("[data-job]");
  fill(place, rows);
  if (!focused) return;
  const row = place.querySelector(`[data-job="${CSS.escape(focused.dataset.job)}"]`);
  (row?.querySelector("a") ?? row)?.focus();
  focusSomewhere();
}

/** Then the old rows stay, and with them what somebody has selected in their text. */
function same(rows, before) {
  return rows.length === before.length && rows.every((row, index) => row.isEqualNode(before[index]));
}
