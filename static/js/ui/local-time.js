/**
 * <local-time datetime="2025-11-22T09:02:03Z">: a time as the reader's clock shows it. The server
 * does not know the reader's time zone, so the element fills itself in as it comes into the page.
 */

import { dateTime } from "../text/format.js";

customElements.define(
  "local-time",
  class extends HTMLElement {
    connectedCallback() {
      this.textContent = dateTime(this.getAttribute("datetime"));
    }
  },
);
