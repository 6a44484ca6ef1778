/** The questions before a resume or retry: how many files, and which of them changed. Pure. */

import { plural } from "./format.js";

const WORDS = {
  resume: {
    title: "Resume this job?",
    yes: "Resume",
    one: "1 file was not processed. It will be processed now.",
    many: "were not processed. They will be processed now.",
  },
  retry: {
    title: "Retry the failed files?",
    yes: "Retry",
    one: "1 file failed. It will be processed again.",
    many: "failed. They will be processed again.",
  },
};

/**
 * `changes` as the API answers: {count, changed, vanished, examples, checked, complete}; if
 * `complete` is false, only the first `checked` files were compared. For `ConfirmDialog.ask`.
 */
export function requeueQuestion(purpose, changes, isPaused = false) {
  const { count, changed, vanished, examples, checked, complete } = changes;
  const words = WORDS[purpose];
  const lines = [[count === 1 ? words.one : `${plural(count, "file")} ${words.many}`]];
  if (isPaused) lines.push(["Then the job continues with the other files."]);
  const different = changed + vanished;
  if (different > 0) {
    const parts = [];
    if (changed > 0) parts.push(`${plural(changed, "file")} changed`);
    if (vanished > 0) {
      parts.push(`${plural(vanished, "file")} ${vanished === 1 ? "was" : "were"} moved or deleted`);
    }
    const among = complete ? "" : ` of the first ${plural(checked, "file")}`;
    lines.push([`Since the job was created,${among} ${parts.join(" and ")}:`]);
  }
  return {
    title: words.title,
    lines,
    names: different > 0 ? examples : [],
    yes: words.yes,
    no: "Not now",
    option: different > 0 ? skipOption(different, complete) : null,
  };
}

/** After a pause because of many equal errors; `error` is what they have in common. */
export function continueQuestion(jobId, error) {
  return {
    key: jobId,
    title: "Continue this job?",
    lines: [["Many files in a row have failed with the same error:"]],
    names: [error],
    yes: "Continue",
    no: "Not now",
    option: "Process the files with this error again",
  };
}

function skipOption(different, complete) {
  if (!complete) return "Skip all files that were changed, moved or deleted";
  return different === 1 ? "Skip this file" : `Skip these ${plural(different, "file")}`;
}
