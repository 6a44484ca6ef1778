/** The badge that shows the status of a file. */

import { itemLabel, shownStatus } from "../text/item-status.js";
import { h, icon } from "./dom.js";

const LOOKS = {
  pending: ["", "clock"],
  processing: ["is-busy", "dots"],
  succeeded: ["is-good", "check"],
  warning: ["is-warn", "warning"],
  failed: ["is-bad", "cross"],
};

/** `file`: {status, message}. */
export function itemBadge(file) {
  const status = shownStatus(file);
  const [className, symbol] = LOOKS[status] ?? ["", "dash"];
  return h(
    "span",
    { class: `badge-status ${className}` },
    icon(symbol),
    h("span", { class: "badge-label" }, itemLabel(status)),
  );
}
