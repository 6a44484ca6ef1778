/** The message about a finished job, with the actions it offers. Pure. */

import { allowed, notProcessed } from "./job-status.js";
import { outcome } from "./outcome.js";

/**
 * The message is for `MessageList.show`; `name` as in `outcome`. `run` is
 * {resume(job), retry(job), dismissed(job)}. On the job's own page it also has showFiles(status).
 */
export function completionMessage(job, run, name = null) {
  const { tone, parts } = outcome(job, name);
  const can = allowed(job);
  const onJobPage = Boolean(run.showFiles);
  const files = (label, status) =>
    onJobPage
      ? { label, run: () => run.showFiles(status) }
      : { label, href: `/jobs/${job.id}?status=${status}` };
  // On the job's page, its permanent buttons have these ids.
  const id = (name) => (onJobPage ? null : name);
  const actions = [];
  if (job.status === "completed" && job.progress.failed === 0 && !onJobPage) {
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
