/** One item of a job as a table row, with its message and result. */

import { h, icon, pathText } from "./dom.js";
import { duration } from "./format.js";

const OUTCOMES = {
  succeeded: { label: "Done", look: "is-good", icon: "check" },
  failed: { label: "Failed", look: "is-bad", icon: "cross" },
  processing: { label: "In progress", look: "is-busy", icon: "dots" },
  pending: { label: "Waiting", look: "", icon: "clock" },
  skipped: { label: "Not processed", look: "", icon: "dash" },
};

function resultText(value) {
  return value !== null && typeof value === "object" ? JSON.stringify(value) : String(value);
}

function result(values) {
  const entries = Object.entries(values ?? {});
  if (entries.length === 0) return null;
  return h(
    "details",
    { class: "item-result" },
    h("summary", {}, "Result"),
    h(
      "dl",
      {},
      entries.flatMap(([name, value]) => [
        h("dt", {}, h("bdi", {}, name)),
        h("dd", {}, h("bdi", {}, resultText(value))),
      ]),
    ),
  );
}

function took({ started_at: start, finished_at: end }) {
  if (!start || !end) return "";
  const seconds = (Date.parse(end) - Date.parse(start)) / 1000;
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : duration(seconds);
}

export function itemRow(item) {
  const outcome = OUTCOMES[item.status] ?? OUTCOMES.pending;
  const tone = item.status === "failed" ? "row-message" : "quiet row-note";
  return h(
    "tr",
    { dataset: { path: item.path, status: item.status } },
    h(
      "td",
      {},
      pathText(item.path),
      item.message ? h("div", { class: tone }, h("bdi", {}, item.message)) : null,
      result(item.result),
    ),
    h("td", { class: "cell-wide cell-number" }, item.attempts > 0 ? item.attempts : ""),
    h("td", { class: "cell-wide cell-number" }, took(item)),
    h(
      "td",
      { class: "cell-outcome" },
      h(
        "span",
        { class: `badge-status ${outcome.look}` },
        icon(outcome.icon),
        h("span", { class: "badge-label" }, outcome.label),
      ),
    ),
  );
}
