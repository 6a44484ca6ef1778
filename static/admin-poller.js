// Asks for JSON again and again: the next request begins after the last answer, so none overlap.
//
// repeat(ask, use): `ask()` gives the address, or null when there is nothing more to ask;
// `use(data)` gets each answer. Hidden tabs ask nothing. After an error it waits longer;
// when the server refuses (signed out, permission taken), it ends.

const EVERY_MS = 1500;
const AFTER_ERROR_MS = 6000;

export function repeat(ask, use) {
  async function once() {
    const url = ask();
    if (url === null) return;
    let wait = EVERY_MS;
    if (!document.hidden) {
      const answer = await fetch(url, {headers: {Accept: "application/json"}}).catch(() => null);
      if (answer && (answer.redirected || answer.status === 403)) return;
      const data = answer && answer.ok ? await answer.json().catch(() => null) : null;
      if (data) use(data);
      else wait = AFTER_ERROR_MS;
    }
    setTimeout(once, wait);
  }
  setTimeout(once, EVERY_MS);
}
