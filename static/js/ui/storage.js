/** The person's choices, kept in this browser. If storage is switched off, nothing is kept. */

export function save(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // The choice lasts as long as the page.
  }
}

/** Keep a text as long as this tab, over reloads; null forgets it. */
export function saveInTab(name, value) {
  try {
    if (value === null) sessionStorage.removeItem(name);
    else sessionStorage.setItem(name, value);
  } catch {
    // It is kept as long as the page.
  }
}

/** The text of this tab, or null. */
export function loadInTab(name) {
  try {
    return sessionStorage.getItem(name);
  } catch {
    return null;
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
