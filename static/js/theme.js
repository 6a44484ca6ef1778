/** The button that changes the colours: the system's, light, dark. */

import { byId, icon } from "./dom.js";

const CHOICES = ["auto", "light", "dark"];
const NAMES = { auto: "as the system", light: "light", dark: "dark" };

function show(button) {
  const { choice } = window.batchsiteTheme;
  const next = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length];
  const label = document.createElement("span");
  label.className = "visually-hidden";
  label.textContent = `Colours: ${NAMES[choice]}. Change to ${NAMES[next]}`;
  button.replaceChildren(icon(`theme-${choice}`), label);
  button.title = `Colours: ${NAMES[choice]}`;
  button.dataset.next = next;
}

const button = byId("themeBtn");
show(button);
button.addEventListener("click", () => {
  window.batchsiteTheme.choice = button.dataset.next;
  show(button);
});
