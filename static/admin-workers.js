// Keeps the Workers page current: fetches the page every two seconds and updates what changed in
// the element #workers. Unchanged elements stay, and with them the keyboard focus. A hidden tab
// fetches nothing. Trouble is said in #workersTrouble; the page keeps asking, less and less often,
// and at once when its tab is shown again. Only the Workers page itself counts as an answer: a
// proxy or a login page may answer in its place.

const INTERVAL_MS = 2000;
const LONGEST_MS = 8000;
const TIMEOUT_MS = 30000;

const notice = document.getElementById("workersTrouble");
let errors = 0;
let updatedAt = new Date();
let timer = null;
let busy = false;

/** Resolves to the new #workers. Throws an error whose message says what is wrong. */
async function fetched() {
  let response;
  let text;
  try {
    response = await fetch(location.href, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    text = await response.text();
  } catch {
    throw new Error("The server is not responding.");
  }
  const page = new DOMParser().parseFromString(text, "text/html");
  const workers = page.getElementById("workers");
  if (response.ok && workers) return workers;
  const status = response.ok ? "" : ` (HTTP ${response.status})`;
  throw Object.assign(new Error(`The server did not send this page${status}.`), {
    signedOut: response.redirected && new URL(response.url).pathname === notice.dataset.login,
  });
}

function update(shown, current) {
  const [old, fresh] = [[...shown.childNodes], [...current.childNodes]];
  if (!shown.cloneNode().isEqualNode(current.cloneNode())) shown.replaceWith(current);
  else if (old.length !== fresh.length) shown.replaceChildren(...fresh);
  else old.forEach((node, index) => update(node, fresh[index]));
}

function showTrouble(error) {
  const why = error.signedOut ? "You are signed out, or may no longer see this page." : error.message;
  const since = `The page shows the workers as they were at ${updatedAt.toLocaleTimeString()}.`;
  const sentence = `${why} ${since}`;
  if (!notice.hidden && notice.dataset.sentence === sentence) return; // spoken once
  notice.dataset.sentence = sentence;
  notice.replaceChildren(sentence, error.signedOut ? " " : " Trying again.");
  if (error.signedOut) {
    const link = document.createElement("a");
    const next = encodeURIComponent(location.pathname + location.search);
    Object.assign(link, { textContent: "Sign in", target: "_blank" });
    link.href = `${notice.dataset.login}?next=${next}`;
    notice.append(link);
  }
  notice.hidden = false;
}

/** Resolves to the milliseconds until the next refresh. */
async function refresh() {
  if (document.hidden) return INTERVAL_MS;
  try {
    update(document.getElementById("workers"), await fetched());
    [errors, updatedAt, notice.hidden] = [0, new Date(), true];
    return INTERVAL_MS;
  } catch (error) {
    errors += 1;
    showTrouble(error);
    return Math.min(LONGEST_MS, INTERVAL_MS * 2 ** (errors - 1));
  }
}

async function run() {
  if (busy) return;
  busy = true;
  clearTimeout(timer);
  timer = setTimeout(run, await refresh());
  busy = false;
}

document.addEventListener("visibilitychange", () => {
  if (!document.hidden) run();
});
timer = setTimeout(run, INTERVAL_MS);
