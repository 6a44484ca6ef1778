/** The person's choices, kept in this browser. If storage is switched off, nothing is kept. */

export function save(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // The choice lasts as long as the page.
  }
}

/** Keep a choice that the server draws the page by. */
export function saveForServer(name, value) {
  document.cookie = `batchsite_${name}=${encodeURIComponent(value)}; path=/; max-age=31536000; samesite=lax`;
}

/** The saved text, or null. */
export function load(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}
