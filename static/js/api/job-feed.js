/**
 * One job's status and its newly processed items, each exactly once. DOM-free.
 *
 * The cursor moves only with a complete answer: the items of a failed request come with the next.
 */

/** The API sends at most this many items at once. A full answer means that more are waiting. */
const FULL_ANSWER = 500;

export function createFeed(api, jobId) {
  let cursor = "";
  let etag = null;
  let last = null;

  /** Resolves to {job, items, more, restarted} or, at a 304, {job, items, more, unchanged}. */
  async function poll(signal) {
    let answer;
    try {
      answer = await api.job(jobId, { after: cursor, etag, signal });
    } catch (error) {
      // The API refuses the cursor of a job that was reset meanwhile. All items come again.
      if (!error.refused || cursor === "") throw error;
      [cursor, etag] = ["", null];
      answer = { restarted: true, ...(await api.job(jobId, { after: cursor, signal })) };
    }
    if (answer.unchanged) return { job: last, items: [], more: false, unchanged: true };
    const { items = [], cursor: next, ...job } = answer.body;
    // An ETag belongs to one URL: with another cursor the old one is worthless.
    etag = next === cursor ? answer.etag : null;
    cursor = next ?? cursor;
    last = job;
    return { job, items, more: items.length >= FULL_ANSWER, restarted: Boolean(answer.restarted) };
  }

  return { poll };
}
