/** The person's choices, kept in this browser. If storage is switched off, nothing is kept. */

export function save(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // The choice lasts as long as the page.
  }
}

/** The saved text, or null. */
export function load(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}
