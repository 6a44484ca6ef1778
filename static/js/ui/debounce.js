const PAUSE_MS = 250;

/** A listener that calls `run` once the events have stopped for a moment. */
export function debounce(run) {
  let timer = null;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(run, PAUSE_MS);
  };
}
