/**
 * One job's status and its newly processed items, each exactly once. DOM-free.
 *
 * Keeps the cursor that the last answer gave; an answer that fails or is cut short leaves the
 * cursor where it was, so that its items come with the next one.
 */

/** The API gives at most so many items at once; a full answer means that more are waiting. */
export const FULL_ANSWER = 500;

export function createFeed(api, jobId) {
  let cursor = "";
  let etag = null;
  let last = null;

  async function ask(signal) {
    let answer;
    try {
      answer = await api.job(jobId, { after: cursor, etag, signal });
    } catch (error) {
      // A cursor of a job that has since been set up anew is refused; everything comes again.
      if (error.status !== 400 || cursor === "") throw error;
      [cursor, etag] = ["", null];
      answer = { restarted: true, ...(await api.job(jobId, { after: cursor, signal })) };
    }
    if (answer.unchanged) return { job: last, items: [], more: false, unchanged: true };
    const { items = [], cursor: next, ...job } = answer.body;
    // An ETag speaks for one address: with another cursor the old one says nothing.
    etag = next === cursor ? answer.etag : null;
    cursor = next ?? cursor;
    last = job;
    return { job, items, more: items.length >= FULL_ANSWER, restarted: Boolean(answer.restarted) };
  }

  return { jobId, ask };
}
