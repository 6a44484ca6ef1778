/**
 * The Refresh button: scans the library folder, then loads the file list again. A scan that is
 * already running (the first run's, another person's) is followed in the same way.
 */

import { Retry, persist } from "../api/retry.js";
import { failedTo, folderUnreadable } from "../text/messages.js";
import { byId, fill } from "../ui/dom.js";

const POLL_MS = 1000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export function wireRefreshButton({ api, notify, files }) {
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
        await pause(POLL_MS);
        state = await persist(api.scanState);
      }
      if (state.error) fail(folderUnreadable(state.error));
      if (followed || begin === api.scan) await files.load();
    } catch (error) {
      if (begin === api.scanState) atLoad.failed(error);
      else fail(failedTo("refresh the list of files", error));
    }
    note.textContent = "";
    button.removeAttribute("aria-busy");
    busy = false;
  }

  function fail(sentence) {
    notify({ tone: "danger", parts: [sentence], key: "scan" });
  }

  const atLoad = new Retry(() => follow(api.scanState));
  button.addEventListener("click", () => follow(api.scan));
  follow(api.scanState);
}
