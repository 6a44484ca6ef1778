/** Asks a question in the native dialog #confirmDialog, one question at a time. */

import { byId, fill, h, onPress, toggle } from "./dom.js";

export class ConfirmDialog {
  #dialog = byId("confirmDialog");
  #resolve = null;
  #key = null;

  constructor() {
    // The double click that opens the dialog must not press a button below the pointer.
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
   * `key`: what the question is about, for `dismiss`.
   */
  ask({ key = null, title, lines = [], names = [], yes, no = "No", danger = false, option = null }) {
    if (this.#resolve) return Promise.resolve(null);
    this.#key = key;
    const items = names.map((name) => h("li", {}, h("bdi", {}, name)));
    byId("confirmTitle").textContent = title;
    fill(
      byId("confirmText"),
      lines.map((parts) => h("p", {}, ...parts)),
      items.length > 0 ? h("ul", {}, items) : null,
    );
    byId("confirmYesBtn").textContent = yes;
    byId("confirmYesBtn").className = danger ? "btn btn-danger" : "btn btn-primary";
    byId("confirmNoBtn").textContent = no;
    toggle(byId("confirmOption"), option !== null);
    byId("confirmOptionLabel").textContent = option ?? "";
    byId("confirmOptionInput").checked = false;
    this.#dialog.showModal();
    // Large text may be too long for the window. Then the keyboard must be able to scroll it.
    const body = this.#dialog.querySelector(".sheet-body");
    body.tabIndex = body.scrollHeight > body.clientHeight ? 0 : -1;
    // Enter confirms only what can be undone.
    byId(danger ? "confirmNoBtn" : "confirmYesBtn").focus();
    return new Promise((resolve) => {
      this.#resolve = resolve;
    });
  }

  /** Close a question about `key` as if it had been answered with "no". */
  dismiss(key) {
    if (this.#key === key) this.#close(false);
  }

  /** Swallows the second half of a double click, which would hit what was behind the dialog. */
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
    const resolve = this.#resolve;
    if (!resolve) return;
    this.#resolve = null;
    this.#dialog.close();
    const option = byId("confirmOptionInput").checked && !byId("confirmOption").hidden;
    resolve(yes ? { option } : null);
  }
}
