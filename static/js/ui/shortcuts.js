/**
 * Keys for the whole page: “/” goes to the search, “?” lists the keys. Both can be switched off,
 * for people whose speech input types single characters.
 */

import { byId, restoreFocus } from "./dom.js";
import { load, save } from "./storage.js";

const TYPING = "input:not([type=checkbox], [type=radio]), textarea, select, [contenteditable]";

const dialog = byId("keysDialog");
const switchedOn = byId("keysOnInput");

function showKeys() {
  switchedOn.checked = load("keys") !== "off";
  dialog.showModal();
}

function search() {
  const input = document.querySelector("[role=search] input[type=search]");
  input?.focus();
  input?.select();
  return Boolean(input);
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing) return;
  if (load("keys") === "off" || event.target.closest(TYPING)) return;
  // A window covers the page: what is behind it cannot be used.
  if (document.querySelector("dialog[open]")) return;
  if (event.key === "?") showKeys();
  else if (event.key !== "/" || !search()) return;
  event.preventDefault();
});

byId("keysBtn").addEventListener("click", showKeys);
byId("keysCloseBtn").addEventListener("click", () => dialog.close());
switchedOn.addEventListener("change", () => save("keys", switchedOn.checked ? "on" : "off"));
dialog.addEventListener("close", restoreFocus);
