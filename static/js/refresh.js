/** The Refresh button: brings the index of files up to date, then shows the list again. */

import { byId } from "./dom.js";

export function wireRefresh({ api, say, files }) {
  const button = byId("refreshBtn");
  let scanning = false;
  button.addEventListener("click", async () => {
    if (scanning) return;
    scanning = true;
    button.setAttribute("aria-busy", "true");
    try {
      await api.scan();
    } catch (error) {
      const parts = [`The folder could not be read: ${error.sentence ?? error.message}`];
      say({ tone: "danger", parts, key: "scan" });
    }
    await files.load();
    button.removeAttribute("aria-busy");
    scanning = false;
  });
}
