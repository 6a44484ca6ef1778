/**
 * Progress for a person who looks elsewhere: the tab's title and icon, and a notification of
 * the system at the end of a long job, if the person has asked for it.
 */

import { byId, icon } from "./dom.js";
import { remember, remembered } from "./memory.js";

const LONG_JOB_SECONDS = 20;
const SIZE = 32;

export class Attention {
  #title = document.title;
  #icon = byId("favicon");
  #iconAddress = this.#icon.href;
  #iconType = this.#icon.type;
  #percent = null;

  /** A percentage, or null for the page as it is without a running job. */
  progress(percent) {
    if (percent === this.#percent) return;
    this.#percent = percent;
    document.title = percent === null ? this.#title : `${percent}% · ${this.#title}`;
    this.#icon.type = percent === null ? this.#iconType : "image/png";
    this.#icon.href = percent === null ? this.#iconAddress : ring(percent);
  }

  /** The bell: asks for permission, only by this click. Hidden where nothing can be asked. */
  wireButton(button) {
    if (typeof Notification === "undefined") return;
    button.hidden = false;
    const show = () => {
      const on = wanted();
      button.setAttribute("aria-pressed", String(on));
      button.title = on ? "Notification at the end of a long job: on" : "Notify me when a long job ends";
      button.firstElementChild.replaceWith(icon(on ? "bell-on" : "bell"));
      button.disabled = Notification.permission === "denied";
      if (button.disabled) button.title = "Notifications are blocked in the browser’s settings";
    };
    button.addEventListener("click", async () => {
      if (Notification.permission === "default") await Notification.requestPermission();
      const on = Notification.permission === "granted" && !wanted();
      remember("notify", on ? "yes" : "no");
      show();
    });
    show();
  }

  /** Tell the system's notifications of a job that took long, if nobody looks at the page. */
  ended(job, sentence) {
    if (typeof Notification === "undefined" || !wanted()) return;
    const looking = document.visibilityState === "visible" && document.hasFocus();
    if (!(job.active_seconds >= LONG_JOB_SECONDS) || looking) return;
    try {
      const notification = new Notification(job.label, { body: sentence, tag: job.id });
      notification.addEventListener("click", () => {
        window.focus();
        notification.close();
      });
    } catch {
      // Browsers of telephones have the name and the permission, but allow it to no page.
    }
  }
}

function wanted() {
  return Notification.permission === "granted" && remembered("notify") === "yes";
}

/** A ring that fills with the percentage, as a data: address. */
function ring(percent) {
  const canvas = document.createElement("canvas");
  canvas.width = SIZE;
  canvas.height = SIZE;
  const pen = canvas.getContext("2d");
  const arc = (share, colour) => {
    pen.beginPath();
    pen.arc(SIZE / 2, SIZE / 2, 12, -Math.PI / 2, -Math.PI / 2 + 2 * Math.PI * share);
    pen.strokeStyle = colour;
    pen.lineWidth = 7;
    pen.stroke();
  };
  arc(1, "#b9c3d3");
  arc(percent / 100, "#2f6ae0");
  return canvas.toDataURL("image/png");
}
