import assert from "node:assert/strict";
import test from "node:test";

import { rerun } from "../../../static/js/jobs/rerun.js";

const order = { operation: "verify", parameters: { deep: true } };

/** What the rerun of a job with this selection sends. `pages` are the pages of its items. */
async function sentBy(selection, pages = []) {
  const requested = [];
  const answer = (page) => {
    requested.push(page);
    return pages.shift();
  };
  const api = {
    items: async (id, { limit }) => answer(`${id} ${limit}`),
    nextPage: async (next) => answer(next),
    startJob: async (job) => ({ id: "new", job }),
  };
  const { id, job } = await rerun(api, "old", { ...order, selection });
  assert.equal(id, "new");
  return { job, requested };
}

for (const [name, selection, expected] of [
  ["all files: selects all of today’s files", { all: true }, { ...order, all: true }],
  ["a search: selects what it finds today", { search: "scans/" }, { ...order, search: "scans/" }],
  ["an empty search: is still a search", { search: "" }, { ...order, search: "" }],
  ["items of the operation: names no files", { own: true }, order],
]) {
  test(`rerun of ${name}`, async () => {
    assert.deepEqual(await sentBy(selection), { job: expected, requested: [] });
  });
}

test("rerun of selected or unprocessed files: names the files of the old job, from all pages", async () => {
  for (const selection of [{ files: 3 }, { unprocessed: true }]) {
    const pages = [
      { items: [{ path: "a" }, { path: "b" }], next: "/next" },
      { items: [{ path: "c" }], next: null },
    ];
    const { job, requested } = await sentBy(selection, pages);
    assert.deepEqual(job, { ...order, files: ["a", "b", "c"] });
    assert.deepEqual(requested, ["old 1000", "/next"]);
  }
});
