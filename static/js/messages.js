/**
 * The place where messages to the person appear. A message stays until it is dismissed or
 * another of the same `key` takes its place; it may offer actions.
 */

import { focusSomewhere, h, icon, takeId } from "./dom.js";

const TONES = {
  info: { className: "", icon: "info" },
  success: { className: "is-good", icon: "check" },
  warning: { className: "is-warn", icon: "warning" },
  danger: { className: "is-bad", icon: "warning" },
};
/** As many as Cancel all has ends to tell of, and two more; the area scrolls. */
const AT_MOST = 12;

export class Messages {
  #area;
  #home;
  #shown = new Map();

  constructor(area, home) {
    this.#area = area;
    this.#home = home;
  }

  /**
   * Show a message. `parts`: strings and numbers; `actions`: [{label, href | run, id}];
   * `onDismiss` is called when the person puts the message away.
   */
  show({ tone = "info", parts, actions = [], key = null, onDismiss = () => {} }) {
    const name = key ?? parts.join("");
    this.remove(name);
    const look = TONES[tone];
    const element = h(
      "div",
      {
        class: `message ${look.className}`.trim(),
        // An alert is spoken at once; the area itself is a status and waits its turn.
        role: tone === "danger" ? "alert" : null,
        dataset: { tone },
      },
      icon(look.icon),
      h(
        "div",
        { class: "message-body" },
        h("p", { class: "message-text" }, ...parts),
        actions.length > 0
          ? h("div", { class: "message-actions" }, ...actions.map((action) => this.#button(action)))
          : null,
      ),
      h(
        "button",
        {
          type: "button",
          class: "btn tool",
          on: {
            click: () => {
              this.remove(name);
              onDismiss();
              focusSomewhere();
            },
          },
        },
        icon("cross"),
        h("span", { class: "visually-hidden" }, "Dismiss"),
      ),
    );
    this.#area.append(element);
    this.#shown.set(name, element);
    for (const action of element.querySelectorAll("[data-id]")) takeId(action, action.dataset.id);
    while (this.#shown.size > AT_MOST) this.remove(this.#shown.keys().next().value);
  }

  #button({ label, href, run, id = null }) {
    const dataset = id ? { id } : {};
    const look = "btn btn-sm btn-outline-secondary";
    return href
      ? h("a", { class: look, href, dataset }, label)
      : h("button", { type: "button", class: look, dataset, on: { click: run } }, label);
  }

  /** Nothing happens where there is no message of that key. */
  remove(key) {
    this.#shown.get(key)?.remove();
    this.#shown.delete(key);
  }

  clear() {
    for (const key of [...this.#shown.keys()]) this.remove(key);
  }

  /**
   * Messages behind an open dialog could be neither read nor reached, so they move into a place
   * in it; null takes them home.
   */
  moveTo(place) {
    const target = place ?? this.#home;
    if (this.#area.parentElement !== target) target.append(this.#area);
  }
}
