/** Draws the rows of the file list, and what stands there when it is empty. */

import { h, icon, pathText } from "./dom.js";
import { bytes, dateTime } from "./format.js";

const OUTCOMES = {
  unprocessed: { label: "Not processed", look: "", icon: "dash" },
  succeeded: { label: "Done", look: "is-good", icon: "check" },
  failed: { label: "Failed", look: "is-bad", icon: "cross" },
};

function badge(status) {
  const outcome = OUTCOMES[status] ?? OUTCOMES.unprocessed;
  return h(
    "span",
    { class: `badge-status ${outcome.look}` },
    icon(outcome.icon),
    h("span", { class: "badge-label" }, outcome.label),
  );
}

/** `choose(path, chosen, event)` is called when the person changes the row's checkbox. */
export function fileRow(file, index, chosen, choose) {
  const id = `file${index}`;
  const meta = [file.kind, bytes(file.size), dateTime(file.modified)].filter(Boolean).join(" · ");
  const checkbox = h("input", {
    type: "checkbox",
    class: "form-check-input",
    id,
    on: { click: (event) => choose(file.path, event.target.checked, event) },
  });
  checkbox.checked = chosen;
  const outcome = file.job_id
    ? h("a", { class: "plain-link", href: `/jobs/${file.job_id}` }, badge(file.status))
    : badge(file.status);
  return h(
    "tr",
    { class: chosen ? "is-chosen" : null, dataset: { path: file.path, status: file.status } },
    h("td", { class: "cell-check" }, checkbox),
    h(
      "td",
      {},
      h("label", { class: "file-name", for: id }, pathText(file.path)),
      h("div", { class: "row-meta" }, meta),
      file.status === "failed" && file.message
        ? h("bdi", { class: "row-message" }, file.message)
        : null,
    ),
    h("td", { class: "cell-wide" }, file.kind),
    h("td", { class: "cell-wide cell-number" }, bytes(file.size)),
    h("td", { class: "cell-wide" }, dateTime(file.modified)),
    h("td", { class: "cell-outcome" }, outcome),
  );
}

function emptyRow(symbol, strong, ...more) {
  const content = h("div", { class: "empty" }, icon(symbol), h("strong", {}, strong), ...more);
  return h("tr", {}, h("td", { colspan: "6" }, content));
}

/** Why nothing is listed, and what to do about it. */
export function nothingRow({ filtered, library, clear }) {
  if (filtered) {
    const button = { type: "button", class: "btn btn-sm btn-quiet", on: { click: clear } };
    return emptyRow("search", "No file matches", h("button", button, "Show all files"));
  }
  return emptyRow(
    "folder",
    "No files yet",
    h("span", {}, "Put some into ", h("code", {}, library), ", then press Refresh."),
  );
}

export function failedRow(sentence, retry) {
  const button = { type: "button", class: "btn btn-sm btn-quiet", on: { click: retry } };
  return emptyRow(
    "warning",
    "The files cannot be listed",
    h("span", {}, sentence),
    h("button", button, "Try again"),
  );
}
