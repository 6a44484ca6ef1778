/** The message about a job that is over, with what can be done next. Pure. */

import { outcome } from "./outcome.js";
import { allowed, notProcessed } from "./states.js";

/**
 * `run`: {resume(job), retry(job), dismissed(job)}, and on the job's own page show(status), which
 * shows files of it; `name`: as in `outcome`. The message is for `Messages.show`.
 */
export function report(job, run, name = null) {
  const { tone, parts } = outcome(job, name);
  const can = allowed(job);
  const onItsPage = Boolean(run.show);
  const files = (label, status) =>
    onItsPage
      ? { label, run: () => run.show(status) }
      : { label, href: `/jobs/${job.id}?status=${status}` };
  // On its page the ids are those of buttons that outlast the message.
  const id = (name) => (onItsPage ? null : name);
  const actions = [];
  if (job.status === "completed" && job.progress.failed === 0 && !onItsPage) {
    actions.push({ label: "Show results", href: `/jobs/${job.id}` });
  }
  if (job.status === "completed" && job.progress.failed > 0) {
    actions.push(files("Show failed files", "failed"));
  }
  if (job.status !== "completed" && notProcessed(job) > 0) {
    actions.push(files("Show files not processed", "skipped"));
  }
  if (can.resume) actions.push({ label: "Resume", id: id("resumeJobBtn"), run: () => run.resume(job) });
  if (can.retry && job.status === "completed") {
    actions.push({ label: "Retry failed", id: id("retryJobBtn"), run: () => run.retry(job) });
  }
  return { tone, parts, actions, key: job.id, onDismiss: () => run.dismissed(job) };
}
