/** The bell: a window to choose which jobs notify, and the notifications themselves. */

import { isNotified, refusal } from "../text/notifications.js";
import { visible } from "../text/visible.js";
import { byId, fill, icon, toggle } from "../ui/dom.js";
import { load, save } from "../ui/storage.js";

const permission = () => (typeof Notification === "undefined" ? null : Notification.permission);
const choice = () => load("notify") ?? "off";

export class Notifications {
  #bell;
  #dialog = byId("notifyDialog");

  constructor(bell) {
    this.#bell = bell;
    bell.addEventListener("click", () => this.#open());
    byId("notifyCloseBtn").addEventListener("click", () => this.#dialog.close());
    byId("notifyChoices").addEventListener("change", ({ target }) => this.#choose(target.value));
    bell.hidden = false;
    this.#show();
  }

  #open() {
    for (const input of byId("notifyChoices").querySelectorAll("input")) {
      input.checked = input.value === choice();
    }
    this.#show();
    this.#dialog.showModal();
  }

  async #choose(value) {
    save("notify", value);
    if (value !== "off" && permission() === "default") await Notification.requestPermission();
    this.#show({ asked: value !== "off" });
  }

  #show({ asked = false } = {}) {
    const trouble = refusal({ permission: permission(), secure: window.isSecureContext, asked });
    toggle(byId("notifyTrouble"), trouble !== null);
    fill(byId("notifyTrouble"), trouble);
    const on = choice() !== "off" && permission() === "granted";
    const state = trouble ? "the browser refuses" : on ? "on" : "off";
    this.#bell.title = `Notifications: ${state}`;
    this.#bell.lastElementChild.textContent = this.#bell.title;
    this.#bell.classList.toggle("is-on", on);
    this.#bell.firstElementChild.replaceWith(icon(on ? "bell-on" : "bell"));
  }

  /** Send a notification about a job that has ended if it was chosen and nobody is looking. */
  notifyFinished(job, sentence) {
    if (permission() !== "granted" || !isNotified(choice(), job)) return;
    if (document.visibilityState === "visible" && document.hasFocus()) return;
    try {
      const notification = new Notification(visible(job.label), { body: visible(sentence), tag: job.id });
      notification.addEventListener("click", () => {
        window.focus();
        notification.close();
      });
    } catch {
      // Phone browsers have the class and the permission, but let no page create a notification.
    }
  }
}
