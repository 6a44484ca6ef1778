/** Asks a question in the native dialog #confirmDialog; one question at a time. */

import { byId, fill, h, onPress, toggle } from "./dom.js";

export class Confirm {
  #dialog = byId("confirmDialog");
  #answer = null;
  #key = null;

  constructor() {
    // A double click on what asks must not answer: a button here may lie below the pointer.
    onPress(byId("confirmYesBtn"), () => this.#pressed(true));
    onPress(byId("confirmNoBtn"), () => this.#pressed(false));
    this.#dialog.addEventListener("cancel", (event) => {
      event.preventDefault();
      this.#close(false);
    });
  }

  /**
   * Resolves to null for "no", else to {option: boolean}. `lines`: paragraphs, each a list of
   * strings and numbers; `names`: a list to show below them; `option`: the label of a checkbox;
   * `key`: what it is about, for `dismiss`.
   */
  ask({ key = null, title, lines = [], names = [], yes, no = "No", danger = false, option = null }) {
    if (this.#answer) return Promise.resolve(null);
    this.#key = key;
    byId("confirmTitle").textContent = title;
    fill(
      byId("confirmText"),
      lines.map((parts) => h("p", {}, ...parts)),
      names.length > 0
        ? h(
            "ul",
            {},
            names.map((name) => h("li", {}, h("bdi", {}, name))),
          )
        : null,
    );
    byId("confirmYesBtn").textContent = yes;
    byId("confirmYesBtn").className = danger ? "btn btn-danger" : "btn btn-primary";
    byId("confirmNoBtn").textContent = no;
    toggle(byId("confirmOption"), option !== null);
    byId("confirmOptionLabel").textContent = option ?? "";
    byId("confirmOptionInput").checked = false;
    this.#dialog.showModal();
    // In large text it may be too long for the window; the keyboard must be able to scroll it.
    const body = this.#dialog.querySelector(".sheet-body");
    body.tabIndex = body.scrollHeight > body.clientHeight ? 0 : -1;
    // What cannot be taken back needs a deliberate step; what can be is one Enter away.
    byId(danger ? "confirmNoBtn" : "confirmYesBtn").focus();
    return new Promise((resolve) => {
      this.#answer = resolve;
    });
  }

  /** Put a question about this away as if it was answered with "no". */
  dismiss(key) {
    if (this.#key === key) this.#close(false);
  }

  /** Nor may a double click on an answer hit what the question has covered, a link as it may be. */
  #pressed(yes) {
    const ignoreSecondHalf = (event) => {
      if (event.detail < 2) return;
      event.preventDefault();
      event.stopPropagation();
    };
    document.addEventListener("click", ignoreSecondHalf, { capture: true, once: true });
    this.#close(yes);
  }

  #close(yes) {
    const resolve = this.#answer;
    if (!resolve) return;
    this.#answer = null;
    this.#dialog.close();
    const option = byId("confirmOptionInput").checked && !byId("confirmOption").hidden;
    resolve(yes ? { option } : null);
  }
}
