/**
 * Progress for a person who is not looking at the page: the tab's title and icon and, on request,
 * a desktop notification at the end of a long job.
 */

import { visible } from "../text/visible.js";
import { byId, icon } from "../ui/dom.js";
import { load, save } from "../ui/storage.js";

const LONG_JOB_SECONDS = 20;
const ICON_SIZE = 32;

export class TabIndicator {
  #title = document.title;
  #icon = byId("favicon");
  #iconURL = this.#icon.href;
  #iconType = this.#icon.type;
  #percent = null;

  /** Show a percentage; null restores the title and icon. */
  showPercent(percent) {
    if (percent === this.#percent) return;
    this.#percent = percent;
    document.title = percent === null ? this.#title : `${percent}% · ${this.#title}`;
    this.#icon.type = percent === null ? this.#iconType : "image/png";
    this.#icon.href = percent === null ? this.#iconURL : ringURL(percent);
  }

  /** The bell, which asks for permission when it is clicked. Hidden without browser support. */
  wireButton(button) {
    if (typeof Notification === "undefined") return;
    button.hidden = false;
    const show = () => {
      const on = notificationsOn();
      button.setAttribute("aria-pressed", String(on));
      button.title = on ? "Notification at the end of a long job: on" : "Notify me when a long job ends";
      button.firstElementChild.replaceWith(icon(on ? "bell-on" : "bell"));
      button.disabled = Notification.permission === "denied";
      if (button.disabled) button.title = "Notifications are blocked in the browser’s settings";
    };
    button.addEventListener("click", async () => {
      if (Notification.permission === "default") await Notification.requestPermission();
      const on = Notification.permission === "granted" && !notificationsOn();
      save("notify", on ? "yes" : "no");
      show();
    });
    show();
  }

  /** Send a desktop notification if the job was long and the person is not looking. */
  notifyFinished(job, sentence) {
    if (typeof Notification === "undefined" || !notificationsOn()) return;
    const looking = document.visibilityState === "visible" && document.hasFocus();
    if (!(job.active_seconds >= LONG_JOB_SECONDS) || looking) return;
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

function notificationsOn() {
  return Notification.permission === "granted" && load("notify") === "yes";
}

/** A ring that fills with the percentage, as a data: URL. */
function ringURL(percent) {
  const canvas = document.createElement("canvas");
  canvas.width = ICON_SIZE;
  canvas.height = ICON_SIZE;
  const pen = canvas.getContext("2d");
  const arc = (share, colour) => {
    pen.beginPath();
    pen.arc(ICON_SIZE / 2, ICON_SIZE / 2, 12, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * share);
    pen.strokeStyle = colour;
    pen.lineWidth = 7;
    pen.stroke();
  };
  arc(1, "#b9c3d3");
  arc(percent / 100, "#2f6ae0");
  return canvas.toDataURL("image/png");
}
