/** Calls `act` when the person has stopped typing for a moment. */

const PAUSE_MS = 250;

export function onPause(act) {
  let timer = null;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, PAUSE_MS);
  };
}
