/**
 * The list of messages to the person. A message stays until it is dismissed or another one with
 * the same `key` replaces it. It may offer actions.
 */

import { h, icon, restoreFocus, takeId } from "./dom.js";

const TONES = {
  info: { className: "", icon: "info" },
  success: { className: "is-good", icon: "check" },
  warning: { className: "is-warn", icon: "warning" },
  danger: { className: "is-bad", icon: "warning" },
};
/** Room for the messages that follow “Cancel all”, and two more. The list scrolls. */
const MAX_MESSAGES = 12;

export class MessageList {
  #area;
  #home;
  #shown = new Map();

  constructor(area, home) {
    this.#area = area;
    this.#home = home;
  }

  /**
   * Show a message. `parts`: strings and numbers; `actions`: [{label, href | run, id, newTab}];
   * `onDismiss` is called when the person dismisses the message.
   */
  show({ tone = "info", parts, actions = [], key = null, onDismiss = () => {} }) {
    const name = key ?? parts.join("");
    this.remove(name);
    const dismiss = () => {
      this.remove(name);
      onDismiss();
      restoreFocus();
    };
    const buttons = actions.map((action) => this.#button(action));
    const element = h(
      "div",
      {
        class: `message ${TONES[tone].className}`.trim(),
        // An alert is spoken at once; other messages wait for their turn in the live area.
        role: tone === "danger" ? "alert" : null,
        dataset: { tone },
      },
      icon(TONES[tone].icon),
      h(
        "div",
        { class: "message-body" },
        h("p", { class: "message-text" }, ...parts),
        buttons.length > 0 ? h("div", { class: "message-actions" }, ...buttons) : null,
      ),
      h(
        "button",
        { type: "button", class: "btn tool", on: { click: dismiss } },
        icon("cross"),
        h("span", { class: "visually-hidden" }, "Dismiss"),
      ),
    );
    this.#area.append(element);
    this.#shown.set(name, element);
    for (const action of element.querySelectorAll("[data-id]")) takeId(action, action.dataset.id);
    while (this.#shown.size > MAX_MESSAGES) this.remove(this.#shown.keys().next().value);
  }

  #button({ label, href, run, id = null, newTab = false }) {
    const dataset = id ? { id } : {};
    const look = "btn btn-sm btn-outline-secondary";
    return href
      ? h("a", { class: look, href, dataset, target: newTab ? "_blank" : null }, label)
      : h("button", { type: "button", class: look, dataset, on: { click: run } }, label);
  }

  /** Safe to call for a key that has no message. */
  remove(key) {
    this.#shown.get(key)?.remove();
    this.#shown.delete(key);
  }

  clear() {
    for (const key of [...this.#shown.keys()]) this.remove(key);
  }

  /** Move the list into a place of an open dialog, which would cover it; null moves it back. */
  moveTo(place) {
    const target = place ?? this.#home;
    if (this.#area.parentElement !== target) target.append(this.#area);
  }
}
