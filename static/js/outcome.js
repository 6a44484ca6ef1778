/**
 * The sentence about a job that is over. Pure.
 *
 * A sentence is a list of strings and numbers, so that the page can draw the commas in a number
 * whose text stays digits; `plain` joins it for places that take only text.
 */

import { notProcessed } from "./states.js";
import { group } from "./format.js";

function numbers(job) {
  const { succeeded, failed } = job.progress;
  return [succeeded, " done, ", failed, " failed, ", notProcessed(job), " not processed"];
}

function completed(job, name) {
  const { total, failed, succeeded } = job.progress;
  if (total === 0) return [name, ": there was nothing to process"];
  if (failed > 0) return [name, ": ", succeeded, " done, ", failed, " failed"];
  if (total === 1) return [name, ": the file was processed without errors"];
  return [name, ": all ", total, " files were processed without errors"];
}

/**
 * {tone: success|warning|danger, parts: [string|number]} of a job that ended. `name` says which
 * job it was, where several sentences stand beside each other.
 */
export function outcome(job, name = null) {
  const which = name === null ? "" : ` (${name})`;
  if (job.status === "cancelled") {
    return { tone: "warning", parts: [`Job was cancelled${which}: `, ...numbers(job)] };
  }
  if (job.status === "failed") {
    const reason = (job.error || "the reason is not known").replace(/[.\s]+$/, "");
    return { tone: "danger", parts: [`Job failed${which}: `, reason, ". ", ...numbers(job)] };
  }
  const parts = completed(job, name ?? job.label);
  return { tone: job.progress.failed > 0 ? "warning" : "success", parts };
}

/** The sentence as one string, with commas in its numbers. */
export function plain(parts) {
  return parts.map((part) => (typeof part === "number" ? group(part) : part)).join("");
}
