/** The button that switches the colour scheme: automatic, light, dark. */

import { byId, fill, h, icon } from "./dom.js";

const CHOICES = ["auto", "light", "dark"];
const NAMES = { auto: "automatic", light: "light", dark: "dark" };

function show(button) {
  const { choice } = window.batchsiteTheme;
  const next = CHOICES[(CHOICES.indexOf(choice) + 1) % CHOICES.length];
  const label = `Colour scheme: ${NAMES[choice]}. Switch to ${NAMES[next]}`;
  fill(button, icon(`theme-${choice}`), h("span", { class: "visually-hidden" }, label));
  button.title = `Colour scheme: ${NAMES[choice]}`;
  button.dataset.next = next;
}

const button = byId("themeBtn");
show(button);
button.addEventListener("click", () => {
  window.batchsiteTheme.choice = button.dataset.next;
  show(button);
});
