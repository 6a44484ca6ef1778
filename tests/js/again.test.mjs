import assert from "node:assert/strict";
import test from "node:test";

import { runAgain } from "../../static/js/again.js";

const order = { operation: "verify", parameters: { deep: true } };

/** What is sent when a job of this selection is run again; its items come in these pages. */
async function sent(selection, pages = []) {
  const asked = [];
  const answer = (address) => {
    asked.push(address);
    return pages.shift();
  };
  const api = {
    items: async (id, { limit }) => answer(`${id} ${limit}`),
    follow: async (next) => answer(next),
    startJob: async (job) => ({ id: "new", job }),
  };
  const { id, job } = await runAgain(api, "old", { ...order, selection });
  assert.equal(id, "new");
  return { job, asked };
}

for (const [name, selection, expected] of [
  ["all files: those of today", { all: true }, { ...order, all: true }],
  ["a search: what it finds today", { search: "scans/" }, { ...order, search: "scans/" }],
  ["an empty search is a search", { search: "" }, { ...order, search: "" }],
  ["the operation's own items", { own: true }, order],
]) {
  test(`run again, ${name}`, async () => {
    assert.deepEqual(await sent(selection), { job: expected, asked: [] });
  });
}

test("run again, chosen or unprocessed files: the very files of the job, from all pages", async () => {
  for (const selection of [{ files: 3 }, { unprocessed: true }]) {
    const pages = [
      { items: [{ path: "a" }, { path: "b" }], next: "/next" },
      { items: [{ path: "c" }], next: null },
    ];
    const { job, asked } = await sent(selection, pages);
    assert.deepEqual(job, { ...order, files: ["a", "b", "c"] });
    assert.deepEqual(asked, ["old 1000", "/next"]);
  }
});
