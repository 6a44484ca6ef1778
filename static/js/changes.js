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

/**
 * `found`: {count, changed, vanished, examples, checked, complete}, where of very many files only
 * the first are `checked` and `complete` is false; the question is for `Confirm.ask`.
 */
export function describeChanges(purpose, found) {
  const { count, changed, vanished, examples, checked, complete } = found;
  const words = WORDS[purpose];
  const be = purpose === "resume" ? (count === 1 ? "was " : "were ") : "";
  const lines = [[`${plural(count, "file")} ${be}${count === 1 ? words.leadOne : words.lead}`]];
  const odd = changed + vanished;
  if (odd > 0) {
    const parts = [];
    if (changed > 0) parts.push(`${plural(changed, "file")} changed`);
    if (vanished > 0) parts.push(`${plural(vanished, "file")} moved or vanished`);
    const among = complete ? "" : ` of the first ${plural(checked, "file")}`;
    lines.push([`Since the job was made,${among} ${parts.join(" and ")}:`]);
  }
  return {
    title: words.title,
    lines,
    names: odd > 0 ? examples : [],
    yes: words.yes,
    no: "Not now",
    option: odd > 0 ? leaveOut(odd, complete) : null,
  };
}

function leaveOut(odd, complete) {
  if (!complete) return "Leave out all files that changed or vanished";
  return odd === 1 ? "Leave this file out" : `Leave these ${plural(odd, "file")} out`;
}
