/** The badge that shows the status of a file. */

import { itemLabel } from "../text/item-status.js";
import { h, icon } from "./dom.js";

const LOOKS = {
  pending: ["", "clock"],
  processing: ["is-busy", "dots"],
  succeeded: ["is-good", "check"],
  failed: ["is-bad", "cross"],
};

export function itemBadge(status) {
  const [className, symbol] = LOOKS[status] ?? ["", "dash"];
  return h(
    "span",
    { class: `badge-status ${className}` },
    icon(symbol),
    h("span", { class: "badge-label" }, itemLabel(status)),
  );
}
