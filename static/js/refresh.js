/**
 * The Refresh button: brings the index of files up to date, then shows the list again. A scan
 * that is already running (the first run's, another person's) is followed in the same way.
 */

import { byId, fill } from "./dom.js";

const ASK_EVERY_MS = 1000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function wireRefresh({ api, say, files }) {
  const button = byId("refreshBtn");
  const note = byId("scanNote");
  let busy = false;

  /** `begin()` resolves to the scan's state: {running, files, error}. */
  async function follow(begin) {
    if (busy) return;
    busy = true;
    button.setAttribute("aria-busy", "true");
    try {
      let state = await begin();
      const followed = state.running;
      while (state.running) {
        fill(note, "Reading the folder… ", state.files ?? 0, " files so far");
        if (files.count === 0) await files.load();
        await pause(ASK_EVERY_MS);
        state = await api.scanState();
      }
      if (state.error) tell(state.error);
      if (followed || begin === api.scan) await files.load();
    } catch (error) {
      tell(error.sentence ?? error.message);
    }
    note.textContent = "";
    button.removeAttribute("aria-busy");
    busy = false;
  }

  function tell(reason) {
    say({ tone: "danger", parts: [`The folder could not be read: ${reason}`], key: "scan" });
  }

  button.addEventListener("click", () => follow(api.scan));
  follow(api.scanState);
}
