/** One item of a job as a table row, with its message and result. */

import { depthText } from "../text/depth.js";
import { duration } from "../text/format.js";
import { h, pathText } from "../ui/dom.js";
import { itemBadge } from "../ui/item-badge.js";

function resultText(value) {
  return value !== null && typeof value === "object" ? JSON.stringify(value) : String(value);
}

function resultDetails(values) {
  const entries = Object.entries(values ?? {});
  if (entries.length === 0) return null;
  const depth = depthText(values);
  return h(
    "details",
    { class: "item-result" },
    h("summary", {}, "Result", depth ? h("span", { class: "row-depth" }, ` · ${depth}`) : null),
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

function timeTaken({ started_at: start, finished_at: end }) {
  if (!start || !end) return "";
  const seconds = (Date.parse(end) - Date.parse(start)) / 1000;
  return seconds < 1 ? `${Math.round(seconds * 1000)} ms` : duration(seconds);
}

export function itemRow(item) {
  const look = item.status === "failed" ? "row-message" : "quiet row-note";
  return h(
    "tr",
    { dataset: { path: item.path, status: item.status } },
    h(
      "td",
      {},
      pathText(item.path),
      item.message ? h("div", { class: look }, h("bdi", {}, item.message)) : null,
      resultDetails(item.result),
    ),
    h("td", { class: "cell-wide cell-number" }, item.attempts > 0 ? item.attempts : ""),
    h("td", { class: "cell-wide cell-number" }, timeTaken(item)),
    h("td", { class: "cell-outcome" }, itemBadge(item)),
  );
}
