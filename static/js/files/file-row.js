/** Draws the rows of the file list, and the row that explains an empty list. */

import { depthText } from "../text/depth.js";
import { bytes } from "../text/format.js";
import { h, icon, pathText } from "../ui/dom.js";
import { itemBadge } from "../ui/item-badge.js";

/** `jobs/templatetags/file_rows.py` draws the rows of the first page in the same way. */
export function fileRow(file, index) {
  const id = `file${index}`;
  const depth = depthText(file);
  const about = [file.kind, bytes(file.size), depth].filter(Boolean).join(" · ");
  const checkbox = h("input", { type: "checkbox", class: "form-check-input", id });
  const badge = itemBadge(file);
  return h(
    "tr",
    { dataset: { path: file.path, status: file.status } },
    h("td", { class: "cell-check" }, checkbox),
    h(
      "td",
      {},
      h("label", { class: "file-name", for: id }, pathText(file.path)),
      h("div", { class: "row-meta" }, `${about} · `, localTime(file.modified)),
      file.message
        ? h("bdi", { class: file.status === "failed" ? "row-message" : "quiet row-note" }, file.message)
        : null,
    ),
    h("td", { class: "cell-wide" }, file.kind),
    h("td", { class: "cell-wide cell-number" }, bytes(file.size)),
    h("td", { class: "cell-wide" }, localTime(file.modified)),
    h(
      "td",
      { class: "cell-outcome" },
      file.job_id ? h("a", { class: "plain-link", href: `/jobs/${file.job_id}` }, badge) : badge,
      depth ? h("div", { class: "quiet row-depth" }, depth) : null,
    ),
  );
}

/** `ui/local-time.js` fills it in. */
function localTime(iso) {
  return h("local-time", { datetime: iso });
}

function messageRow(symbol, strong, ...more) {
  const content = h("div", { class: "empty" }, icon(symbol), h("strong", {}, strong), ...more);
  return h("tr", {}, h("td", { colspan: "6" }, content));
}

function button(label, run) {
  return h("button", { type: "button", class: "btn btn-sm btn-quiet", on: { click: run } }, label);
}

/** Explains why the list is empty, and what to do. `clear` removes the filter. */
export function emptyRow({ filtered, library, clear }) {
  if (filtered) return messageRow("search", "No file matches", button("Show all files", clear));
  const hint = h("span", {}, "Put some into ", h("code", {}, library), ", then press Refresh.");
  return messageRow("folder", "No files yet", hint);
}

export function errorRow(reason, retry) {
  const text = h("span", {}, reason);
  return messageRow("warning", "The files cannot be listed", text, button("Try again", retry));
}
