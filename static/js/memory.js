/** What this browser remembers of what the person chose. Forgetful where storage is switched off. */

export function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // Then it holds as long as the page.
  }
}

/** The text, or null. */
export function remembered(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}
