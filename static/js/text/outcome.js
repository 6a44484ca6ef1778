/**
 * The sentence about a finished job. Pure.
 *
 * A sentence is a list of strings and numbers. The page draws the commas in a number without
 * changing its text; `plain` writes them, for places that take only text.
 */

import { group } from "./format.js";
import { notProcessed } from "./job-status.js";

function numbers(job) {
  const { succeeded, failed } = job.progress;
  return [succeeded, " succeeded, ", failed, " failed, ", notProcessed(job), " not processed"];
}

function completed(job, name) {
  const { total, failed, succeeded } = job.progress;
  if (total === 0) return [name, ": there was nothing to process"];
  if (failed > 0) return [name, ": ", succeeded, " succeeded, ", failed, " failed"];
  if (total === 1) return [name, ": the file was processed without errors"];
  return [name, ": all ", total, " files were processed without errors"];
}

/**
 * {tone: success|warning|danger, parts: [string|number]}. `name` identifies the job where
 * sentences about several jobs appear together.
 */
export function outcome(job, name = null) {
  const which = name === null ? "" : ` (${name})`;
  if (job.status === "cancelled") {
    return { tone: "warning", parts: [`Job was cancelled${which}: `, ...numbers(job)] };
  }
  if (job.status === "failed") {
    const reason = (job.error || "unknown reason").replace(/[.\s]+$/, "");
    return { tone: "danger", parts: [`Job failed${which}: `, reason, ". ", ...numbers(job)] };
  }
  const parts = completed(job, name ?? job.label);
  return { tone: job.progress.failed > 0 ? "warning" : "success", parts };
}

/** The sentence as one string, with commas in its numbers. */
export function plain(parts) {
  return parts.map((part) => (typeof part === "number" ? group(part) : part)).join("");
}
