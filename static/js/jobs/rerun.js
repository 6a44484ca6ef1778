/** “Run again”: a new job with the same operation, parameters and files. DOM-free. */

const PAGE_SIZE = 1000;

/** The paths of all the job's items, in its order. */
async function itemPaths(api, jobId) {
  const paths = [];
  let page = await api.items(jobId, { limit: PAGE_SIZE });
  for (;;) {
    for (const item of page.items) paths.push(item.path);
    if (!page.next) return paths;
    page = await api.nextPage(page.next);
  }
}

/** `order`: {operation, parameters, selection} of the old job. Resolves to the new job. */
export async function rerun(api, jobId, { operation, parameters, selection }) {
  const job = { operation, parameters };
  if (selection.own) return api.startJob(job);
  if (selection.all) return api.startJob({ ...job, all: true });
  if (selection.search !== undefined) return api.startJob({ ...job, search: selection.search });
  // “Unprocessed” would select other files today.
  return api.startJob({ ...job, files: await itemPaths(api, jobId) });
}
