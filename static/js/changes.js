/** What has become of a job's files since it was made -> the question before it goes on. Pure. */

import { plural } from "./format.js";

const WORDS = {
  resume: {
    title: "Resume this job?",
    lead: "not processed. They are processed now.",
    leadOne: "not processed. It is processed now.",
    yes: "Resume",
  },
  retry: {
    title: "Retry the failed files?",
    lead: "failed. They are processed again.",
    leadOne: "failed. It is processed again.",
    yes: "Retry",
  },
};

/** `found`: {count, changed, vanished, examples}; the question is for `Confirm.ask`. */
export function describeChanges(purpose, { count, changed = 0, vanished = 0, examples = [] }) {
  const words = WORDS[purpose];
  const be = purpose === "resume" ? (count === 1 ? "was " : "were ") : "";
  const lines = [[`${plural(count, "file")} ${be}${count === 1 ? words.leadOne : words.lead}`]];
  const odd = changed + vanished;
  if (odd > 0) {
    const parts = [];
    if (changed > 0) parts.push(`${plural(changed, "file")} changed`);
    if (vanished > 0) parts.push(`${plural(vanished, "file")} moved or vanished`);
    lines.push([`Since the job was made, ${parts.join(" and ")}:`]);
  }
  return {
    title: words.title,
    lines,
    names: odd > 0 ? examples : [],
    yes: words.yes,
    no: "Not now",
    option: odd > 0 ? `Leave ${odd === 1 ? "this file" : `these ${odd} files`} out` : null,
  };
}
