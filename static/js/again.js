/** “Run again”: a new job of the same operation, parameters and files. DOM-free. */

const ROWS = 1000;

/** Paths of all the job's items, in its order. */
async function paths(api, jobId) {
  const found = [];
  let answer = await api.items(jobId, { limit: ROWS });
  for (;;) {
    for (const item of answer.items) found.push(item.path);
    if (!answer.next) return found;
    answer = await api.follow(answer.next);
  }
}

/** `order`: {operation, parameters, selection} as the job was made; resolves to the new job. */
export async function runAgain(api, jobId, { operation, parameters, selection }) {
  const job = { operation, parameters };
  if (selection.own) return api.startJob(job);
  if (selection.all) return api.startJob({ ...job, all: true });
  if (selection.search !== undefined) return api.startJob({ ...job, search: selection.search });
  // “Unprocessed” would choose other files today; the ones of this job are meant.
  return api.startJob({ ...job, files: await paths(api, jobId) });
}
