/**
 * The sentence about a finished job. Pure.
 *
 * A sentence is a list of strings and numbers. The page draws the commas in a number without
 * changing its text; `plain` writes them, for places that take only text.
 */

import { group } from "./format.js";
import { notProcessed } from "./job-status.js";

/** " (2 with a warning)" as parts; none without warnings. */
function warned({ warnings }) {
  return warnings > 0 ? [" (", warnings, " with a warning)"] : [];
}

function numbers(job) {
  const { succeeded, failed } = job.progress;
  const rest = [", ", failed, " failed, ", notProcessed(job), " not processed"];
  return [succeeded, " succeeded", ...warned(job.progress), ...rest];
}

function completed(job, name) {
  const { total, failed, succeeded, warnings } = job.progress;
  if (total === 0) return [name, ": there was nothing to process"];
  if (failed > 0) return [name, ": ", succeeded, " succeeded", ...warned(job.progress), ", ", failed, " failed"];
  if (warnings > 0) return [name, ": all ", total, " files succeeded, ", warnings, " with a warning"];
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
  const { failed, warnings } = job.progress;
  return { tone: failed > 0 || warnings > 0 ? "warning" : "success", parts };
}

/** The sentence as one string, with commas in its numbers. */
export function plain(parts) {
  return parts.map((part) => (typeof part === "number" ? group(part) : part)).join("");
}
