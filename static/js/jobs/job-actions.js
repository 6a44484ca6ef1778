/**
 * What a person can do to jobs: cancel, pause, continue, resume, retry, delete. DOM-free.
 *
 *   api                  the API client
 *   ask                  (question) -> promise of null or {option}
 *   notify               ({tone, parts, key}) shows a message; that about a failed cancel has the
 *                        key `cancelFailure(jobId)`, and goes once the job is no longer active
 *   onDone               (jobId, what) after a successful call; `what` is "cancelled", "paused",
 *                        "continued", "resumed" (after a retry, too) or "deleted"
 *   onCancelledTogether  (jobs) after “Cancel all”
 *   onNotFound           (jobId) when the job can no longer be cancelled
 *   setCancelling        (jobId, boolean) while a cancel is being sent
 */

import { JOB_NOT_FOUND, NO_JOB_RUNNING, allCancelled, failedTo } from "../text/messages.js";
import {
  MAX_NAMED_JOBS,
  cancelAllQuestion,
  cancelQuestion,
  deleteQuestion,
} from "../text/questions.js";
import { continueQuestion, requeueQuestion } from "../text/requeue-question.js";

/** The key of the message about a failed cancel of this job. */
export function cancelFailure(jobId) {
  return `cancel ${jobId}`;
}

/** True if the API itself says that the job can no longer be cancelled. */
function cannotBeCancelled(error) {
  return error.notFound || (error.refused && error.message === JOB_NOT_FOUND);
}

export function createJobActions({
  api,
  ask,
  notify,
  onDone,
  onCancelledTogether,
  onNotFound,
  setCancelling,
}) {
  const running = new Set();
  let sending = 0;

  /** Counts the calls that leaving the page would lose. */
  async function send(call) {
    sending += 1;
    try {
      return await call();
    } finally {
      sending -= 1;
    }
  }

  /** Runs one action of a name at a time: rapid clicks send one request. */
  async function once(name, action) {
    if (running.has(name)) return;
    running.add(name);
    try {
      await action();
    } finally {
      running.delete(name);
    }
  }

  function show(tone, text, key = "action") {
    notify({ tone, parts: [text], key });
  }

  function failed(what, error, key) {
    show("danger", failedTo(what, error), key);
  }

  async function cancel(jobId, job) {
    if (!(await ask(cancelQuestion(jobId, job)))) return;
    setCancelling(jobId, true);
    try {
      await send(() => api.cancel(jobId));
    } catch (error) {
      setCancelling(jobId, false);
      if (!cannotBeCancelled(error)) return failed("cancel job", error, cancelFailure(jobId));
      show("danger", JOB_NOT_FOUND);
      return onNotFound(jobId);
    }
    onDone(jobId, "cancelled");
  }

  async function cancelAll() {
    let jobs;
    let cancelled;
    try {
      const found = await api.unfinishedJobs();
      if (found.count === 0) return show("warning", NO_JOB_RUNNING);
      if (!(await ask(cancelAllQuestion(found.jobs, found.count)))) return;
      // While the question was open, some may have finished and others started.
      ({ jobs } = await api.unfinishedJobs());
      ({ cancelled } = await send(() => api.cancelAll()));
    } catch (error) {
      return failed("cancel all jobs", error);
    }
    onCancelledTogether(jobs.slice(0, MAX_NAMED_JOBS));
    onDone(null, "cancelled");
    show("warning", allCancelled(cancelled));
  }

  async function run(what, past, call, jobId) {
    try {
      await send(() => call(jobId));
    } catch (error) {
      return failed(what, error);
    }
    onDone(jobId, past);
  }

  /** `purpose`: "resume" or "retry". Asks first, with the files that changed. */
  async function requeue(purpose, job) {
    let changes;
    try {
      changes = await api.changes(job.id, purpose);
    } catch (error) {
      return failed(`${purpose} job`, error);
    }
    const isPaused = job.status === "paused";
    const answer = await ask({ key: job.id, ...requeueQuestion(purpose, changes, isPaused) });
    if (!answer) return;
    await run(`${purpose} job`, "resumed", (id) => api[purpose](id, answer.option), job.id);
  }

  /** Asks only after a pause because of equal errors: whether to process those files again. */
  async function continuePaused(jobId, job) {
    const question = job?.repeated_error ? continueQuestion(jobId, job.repeated_error) : null;
    const answer = question ? await ask(question) : { option: false };
    if (!answer) return;
    await run("continue job", "continued", (id) => api.continue(id, answer.option), jobId);
  }

  async function remove(job) {
    const answer = await ask(deleteQuestion(job.id));
    if (answer) await run("delete job", "deleted", api.remove, job.id);
  }

  return {
    /** True while a call is being sent. */
    get sending() {
      return sending > 0;
    },
    cancel: (jobId, job) => once(`cancel ${jobId}`, () => cancel(jobId, job)),
    cancelAll: () => once("cancel all", cancelAll),
    pause: (id) => once(`pause ${id}`, () => run("pause job", "paused", api.pause, id)),
    continue: (id, job) => once(`resume ${id}`, () => continuePaused(id, job)),
    resume: (job) => once(`resume ${job.id}`, () => requeue("resume", job)),
    retry: (job) => once(`retry ${job.id}`, () => requeue("retry", job)),
    remove: (job) => once(`delete ${job.id}`, () => remove(job)),
  };
}
