/** The job page's side: why files failed, and who did what when. */

import { byId, fill, h, toggle } from "./dom.js";
import { dateTime } from "./format.js";

const KINDS = {
  start: "Started",
  begin: "First file taken by a worker",
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

/** `failures`: [{message, count}], the most frequent first. */
export function showFailures(failures) {
  toggle(byId("failuresPanel"), failures.length > 0);
  fill(
    byId("failures"),
    failures.map(({ message, count }) =>
      h(
        "li",
        {},
        h("span", { class: "failure-count" }, count, h("span", { class: "visually-hidden" }, " times: ")),
        h("bdi", {}, message),
      ),
    ),
  );
}

function eventText({ kind, actor, source, message }) {
  const what = KINDS[kind] ?? kind.replaceAll("_", " ");
  const who = actor ? `by ${actor}, ${SOURCES[source] ?? source}` : (SOURCES[source] ?? source);
  return { what: `${what} ${who}`, message };
}

/** `events`: [{at, kind, actor, source, message}], the oldest first. */
export function showEvents(events) {
  const place = byId("events");
  place.setAttribute("aria-busy", "false");
  fill(
    place,
    events.map((event) => {
      const { what, message } = eventText(event);
      return h(
        "li",
        { dataset: { kind: event.kind } },
        h("bdi", {}, what),
        message ? h("div", { class: "quiet" }, h("bdi", {}, message)) : null,
        h("time", { class: "event-when", datetime: event.at }, dateTime(event.at)),
      );
    }),
  );
}
