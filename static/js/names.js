/** What jobs are called where several stand beside each other. Pure. */

import { day, timeOfDay } from "./format.js";

/**
 * Map of job id -> name: the label, and where others have the same one the time at which the job
 * was started, no longer than it takes to tell them apart.
 */
export function namesOf(jobs) {
  const byLabel = new Map();
  for (const [id, { label, created_at: at }] of new Map(jobs.map((job) => [job.id, job]))) {
    byLabel.set(label, [...(byLabel.get(label) ?? []), { id, label, at }]);
  }
  return new Map([...byLabel.values()].flatMap(named));
}

function named(alike) {
  if (alike.length === 1) return [[alike[0].id, alike[0].label]];
  const days = new Set(alike.map(({ at }) => day(at)));
  const time = (at, seconds) => `${days.size > 1 ? `${day(at)} ` : ""}${timeOfDay(at, { seconds })}`;
  const minutesTell = new Set(alike.map(({ at }) => time(at, false))).size === alike.length;
  const used = new Map();
  // The one that was started first keeps its name when another joins it.
  const inOrder = [...alike].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
  return inOrder.map(({ id, label, at }) => {
    const name = `${label}, ${time(at, !minutesTell)}`;
    const times = (used.get(name) ?? 0) + 1;
    used.set(name, times);
    // Scripts start several in one second.
    return [id, times > 1 ? `${name} #${times}` : name];
  });
}
