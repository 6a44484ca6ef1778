/** The message about a job that is over, with what can be done next. Pure. */

import { outcome } from "./outcome.js";
import { allowed, notProcessed } from "./states.js";

/**
 * `run`: {resume(job), retry(job), dismissed(job)}; `name`: as in `outcome`. The message is for
 * `Messages.show`.
 */
export function report(job, run, name = null) {
  const { tone, parts } = outcome(job, name);
  const can = allowed(job);
  const actions = [];
  if (job.status === "completed" && job.progress.failed === 0) {
    actions.push({ label: "Show results", href: `/jobs/${job.id}` });
  }
  if (job.status === "completed" && job.progress.failed > 0) {
    actions.push({ label: "Show failed files", href: `/jobs/${job.id}?status=failed` });
  }
  if (job.status !== "completed" && notProcessed(job) > 0) {
    const href = `/jobs/${job.id}?status=skipped`;
    actions.push({ label: "Show files not processed", href });
  }
  if (can.resume) actions.push({ label: "Resume", id: "resumeJobBtn", run: () => run.resume(job) });
  if (can.retry && job.status === "completed") {
    actions.push({ label: "Retry failed", id: "retryJobBtn", run: () => run.retry(job) });
  }
  return { tone, parts, actions, key: job.id, onDismiss: () => run.dismissed(job) };
}
