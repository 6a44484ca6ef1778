/** Progress for a person who is not looking at the page: in the tab's title and icon. */

import { byId } from "../ui/dom.js";

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
