/**
 * The Refresh button: scans the library folder, then loads the file list again. A scan that is
 * already running (the first run's, another person's) is followed in the same way. A scan that
 * would remove most files from the list asks first.
 */

import { Retry, persist } from "../api/retry.js";
import { failedTo, folderUnreadable } from "../text/messages.js";
import { heldBack, moved, notReached, removalsQuestion } from "../text/scan.js";
import { byId, fill } from "../ui/dom.js";

const POLL_MS = 1000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** `dismiss(key)` removes a message, `ask` resolves to null for "no". */
export function wireRefreshButton({ api, notify, dismiss, ask, files }) {
  const button = byId("refreshBtn");
  const note = byId("scanNote");
  let busy = false;
  let question = null;

  /**
   * `begin()` resolves to the scan's state, see the API client. `asked`: it is a scan of ours, and
   * not only a look.
   */
  async function follow(begin, { asked = false } = {}) {
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
      else report(state, { fresh: followed || asked });
      if (followed || asked) await files.load();
    } catch (error) {
      if (asked) fail(failedTo("refresh the list of files", error));
      else atLoad.failed(error);
    }
    note.textContent = "";
    button.removeAttribute("aria-busy");
    busy = false;
    if (asked && question) await askAbout(question);
  }

  /** Show what a scan has found. `fresh`: the person has not seen it before. */
  function report(state, { fresh }) {
    question = state.removals ? state : null;
    say("unreached", state.not_reached > 0 && notReached(state));
    say("moved", fresh && state.moved > 0 && moved(state.moved), "info");
    say("removals", question && heldBack(question.removals), "warning", [
      { label: "Remove from the list…", run: () => question && askAbout(question) },
    ]);
  }

  function say(key, text, tone = "warning", actions = []) {
    if (text) notify({ tone, parts: [text], key, actions });
    else dismiss(key);
  }

  async function askAbout(state) {
    if (await ask(removalsQuestion(state))) await follow(() => api.scan(true), { asked: true });
  }

  function fail(sentence) {
    notify({ tone: "danger", parts: [sentence], key: "scan" });
  }

  const atLoad = new Retry(() => follow(api.scanState));
  button.addEventListener("click", () => follow(() => api.scan(), { asked: true }));
  follow(api.scanState);
}
