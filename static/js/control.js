/**
 * What a person can do to jobs: cancel, pause, continue, resume, retry, delete. DOM-free: asks
 * and tells through what it is given.
 *
 *   api      the API client
 *   ask      (question) -> promise of null or {option}
 *   say      ({tone, parts, key}) shows a message
 *   changed  (jobId, what) after a call that succeeded; what: "cancelled", "paused", …
 *   ending   (jobs) those that were cancelled together
 *   gone     (jobId) when the job cannot be cancelled any more
 *   busy     (jobId, boolean) while a cancel is on its way
 */

import { describeChanges } from "./changes.js";
import { group, plural } from "./format.js";
import { namesOf } from "./names.js";

export const NOT_FOUND = "Job not found or already completed";
const ENDED_STATUSES = new Set([400, 404]);
const NAMED_JOBS = 10;

/** One line for each job, with its name and how far it has come. */
function linesOf(jobs) {
  const names = namesOf(jobs);
  return jobs.map(({ id, progress: { processed, total } }) => {
    return `${names.get(id)} · ${group(processed)} of ${plural(total, "file")}`;
  });
}

/** What is said at once; how each job ended is told when its last files are finished. */
function cancelledAll(cancelled) {
  const sentence = `${plural(cancelled, "job was", "jobs were")} cancelled`;
  if (cancelled <= NAMED_JOBS) return sentence;
  return `${sentence}. The ends of ${NAMED_JOBS} of them are told here, the others’ are in the list of jobs.`;
}

export function createControl({ api, ask, say, changed, ending, gone, busy }) {
  const underWay = new Set();
  let sending = 0;

  /** Calls on their way would be lost with the page. */
  async function send(call) {
    sending += 1;
    try {
      return await call();
    } finally {
      sending -= 1;
    }
  }

  /** Runs once at a time for each name: rapid clicks send one request. */
  async function once(name, work) {
    if (underWay.has(name)) return;
    underWay.add(name);
    try {
      await work();
    } finally {
      underWay.delete(name);
    }
  }

  function failed(what, error) {
    const parts = [`Failed to ${what}: ${error.sentence ?? error.message}`];
    say({ tone: "danger", parts, key: "control" });
  }

  async function cancel(jobId, job) {
    const under = job?.progress.in_flight ?? 0;
    const answer = await ask({
      key: jobId,
      title: "Cancel this job?",
      lines: [
        ["Files already processed stay processed. Files not yet processed are skipped."],
        ...(under > 0 ? [[`What is being processed now is finished first: ${plural(under, "file")}.`]] : []),
      ],
      yes: "Yes, cancel the job",
      no: "No, go on",
      danger: true,
    });
    if (!answer) return;
    busy(jobId, true);
    try {
      await send(() => api.cancel(jobId));
    } catch (error) {
      busy(jobId, false);
      if (!ENDED_STATUSES.has(error.status)) return failed("cancel job", error);
      say({ tone: "danger", parts: [NOT_FOUND], key: "control" });
      return gone(jobId);
    }
    changed(jobId, "cancelled");
  }

  async function cancelAll() {
    let found;
    try {
      found = await api.unfinishedJobs();
    } catch (error) {
      return failed("cancel all jobs", error);
    }
    const { jobs, count } = found;
    if (count === 0) return say({ tone: "warning", parts: ["No job is running."], key: "control" });
    const names = linesOf(jobs).slice(0, NAMED_JOBS);
    if (count > names.length) names.push(`and ${plural(count - names.length, "more job")}`);
    const answer = await ask({
      title: count === 1 ? "Cancel the running job?" : `Cancel all ${group(count)} jobs?`,
      lines: [["Files already processed stay processed. Files not yet processed are skipped."]],
      names,
      yes: count === 1 ? "Yes, cancel the job" : "Yes, cancel all",
      no: "No, go on",
      danger: true,
    });
    if (!answer) return;
    let last;
    let cancelled;
    try {
      // While the question stood there, some may have ended and others begun.
      ({ jobs: last } = await api.unfinishedJobs());
      ({ cancelled } = await send(() => api.cancelAll()));
    } catch (error) {
      return failed("cancel all jobs", error);
    }
    ending(last.slice(0, NAMED_JOBS));
    changed(null, "cancelled");
    say({ tone: "warning", parts: [cancelledAll(cancelled)], key: "control" });
  }

  async function simple(what, past, call, jobId) {
    try {
      await send(() => call(jobId));
    } catch (error) {
      return failed(what, error);
    }
    changed(jobId, past);
  }

  /** Resume or retry: says before how many files it is and what has become of them. */
  async function again(purpose, job) {
    let found;
    try {
      found = await api.changes(job.id, purpose);
    } catch (error) {
      return failed(`${purpose} job`, error);
    }
    const answer = await ask({ key: job.id, ...describeChanges(purpose, found) });
    if (!answer) return;
    const leaveOut = answer.option;
    await simple(`${purpose} job`, "resumed", () => api[purpose](job.id, leaveOut), job.id);
  }

  async function remove(job) {
    const answer = await ask({
      key: job.id,
      title: "Delete this job?",
      lines: [["Its list of results is deleted. The files themselves are not touched."]],
      yes: "Yes, delete it",
      no: "No, keep it",
      danger: true,
    });
    if (answer) await simple("delete job", "deleted", api.remove, job.id);
  }

  return {
    /** Whether a call is on its way. */
    get sending() {
      return sending > 0;
    },
    cancel: (jobId, job) => once(`cancel ${jobId}`, () => cancel(jobId, job)),
    cancelAll: () => once("cancel all", cancelAll),
    pause: (id) => once(`pause ${id}`, () => simple("pause job", "paused", api.pause, id)),
    proceed: (id) =>
      once(`resume ${id}`, () => simple("continue job", "continued", (job) => api.resume(job, false), id)),
    resume: (job) => once(`resume ${job.id}`, () => again("resume", job)),
    retry: (job) => once(`retry ${job.id}`, () => again("retry", job)),
    remove: (job) => once(`delete ${job.id}`, () => remove(job)),
  };
}
