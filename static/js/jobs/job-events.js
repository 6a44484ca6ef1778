/** The side column of a job's page: why files failed, and who did what when. */

import { eventText } from "../text/event.js";
import { dateTime } from "../text/format.js";
import { byId, fill, h, toggle } from "../ui/dom.js";

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

/** `events`: [{at, kind, actor, source, message}], the oldest first. */
export function showEvents(events) {
  const place = byId("events");
  place.setAttribute("aria-busy", "false");
  fill(
    place,
    events.map((event) =>
      h(
        "li",
        { dataset: { kind: event.kind } },
        h("bdi", {}, eventText(event)),
        event.message ? h("div", { class: "quiet" }, h("bdi", {}, event.message)) : null,
        h("time", { class: "event-when", datetime: event.at }, dateTime(event.at)),
      ),
    ),
  );
}
