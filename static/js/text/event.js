/** An entry of a job's history as text. Pure. */

const KINDS = {
  start: "Started",
  begin: "First file claimed by a worker",
  complete: "Completed",
  cancel: "Cancelled",
  pause: "Paused",
  fail: "Failed",
  resume: "Resumed",
  retry: "Retried",
};
const SOURCES = {
  page: "from the page",
  api: "through the API",
  admin: "in the admin",
  command: "by a command",
  engine: "by the engine",
};

/** {kind: "start", actor: "ann", source: "page"} -> "Started by ann, from the page" */
export function eventText({ kind, actor, source }) {
  const what = KINDS[kind] ?? kind.replaceAll("_", " ");
  const where = SOURCES[source] ?? source;
  return actor ? `${what} by ${actor}, ${where}` : `${what} ${where}`;
}
