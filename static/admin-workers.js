// Keeps the Workers page current: fetches the page every two seconds and updates what changed in
// the element #workers. Unchanged elements stay, and with them the keyboard focus. A hidden tab
// fetches nothing. A refusal (signed out, permission removed) ends it.

const INTERVAL_MS = 2000;
const RETRY_MS = 6000;

async function refresh() {
  if (document.hidden) return INTERVAL_MS;
  const response = await fetch(location.href).catch(() => null);
  if (response && (response.redirected || response.status === 403)) return null;
  if (!response || !response.ok) return RETRY_MS;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  update(document.getElementById("workers"), page.getElementById("workers"));
  return INTERVAL_MS;
}

function update(shown, fetched) {
  const [old, current] = [[...shown.childNodes], [...fetched.childNodes]];
  if (!shown.cloneNode().isEqualNode(fetched.cloneNode())) shown.replaceWith(fetched);
  else if (old.length !== current.length) shown.replaceChildren(...current);
  else old.forEach((node, index) => update(node, current[index]));
}

async function run() {
  const wait = await refresh();
  if (wait !== null) setTimeout(run, wait);
}

setTimeout(run, INTERVAL_MS);
