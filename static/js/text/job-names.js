/** Names for jobs that appear together, different for each. Pure. */

import { day, timeOfDay } from "./format.js";

/**
 * Map of job id -> name: the label. Jobs with the same label also get their start time, with
 * as few parts of it as make them different.
 */
export function jobNames(jobs) {
  const byLabel = new Map();
  for (const [id, { label, created_at: at }] of new Map(jobs.map((job) => [job.id, job]))) {
    byLabel.set(label, [...(byLabel.get(label) ?? []), { id, label, at }]);
  }
  return new Map([...byLabel.values()].flatMap(named));
}

function named(sameLabel) {
  if (sameLabel.length === 1) return [[sameLabel[0].id, sameLabel[0].label]];
  const days = new Set(sameLabel.map(({ at }) => day(at)));
  const time = (at, seconds) => `${days.size > 1 ? `${day(at)} ` : ""}${timeOfDay(at, { seconds })}`;
  const minutesDiffer = new Set(sameLabel.map(({ at }) => time(at, false))).size === sameLabel.length;
  const used = new Map();
  // The job that was started first keeps its name when another one joins.
  const inOrder = [...sameLabel].sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
  return inOrder.map(({ id, label, at }) => {
    const name = `${label}, ${time(at, !minutesDiffer)}`;
    const times = (used.get(name) ?? 0) + 1;
    used.set(name, times);
    // Scripts start several jobs in one second.
    return [id, times > 1 ? `${name} #${times}` : name];
  });
}
