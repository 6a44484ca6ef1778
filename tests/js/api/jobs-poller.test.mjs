import assert from "node:assert/strict";
import test from "node:test";

import { JobsPoller } from "../../../static/js/api/jobs-poller.js";
import { job } from "../support.mjs";

const finished = (id) => job({ id, status: "completed", progress: { in_flight: 0, pending: 0 } });

/** What onJobs gets after the first answer, and the lists that were requested. */
async function firstAnswer({ newest, pages, active }) {
  const requested = [];
  const api = {
    jobs: async (filter) => {
      requested.push(filter.status ?? "newest");
      return { body: filter.status ? { jobs: active } : { jobs: newest, pages }, etag: null };
    },
  };
  const found = await new Promise((resolve) => {
    const poller = new JobsPoller(api, { onJobs: resolve, interval: () => null });
    poller.start();
  });
  return { ...found, requested };
}

test("an active job that is not among the newest is listed as active", async () => {
  const newest = Array.from({ length: 20 }, (_, place) => finished(`job-${place}`));
  const paused = job({ id: "old", status: "paused" });
  const found = await firstAnswer({ newest, pages: 2, active: [paused] });
  assert.deepEqual(found.active.map(({ id }) => id), ["old"]);
  assert.equal(found.jobs.length, 20);
  assert.equal(found.fresh.at(-1).id, "old");
});

test("a job in both lists is active once", async () => {
  const running = job({ id: "new" });
  const found = await firstAnswer({ newest: [running, finished("other")], pages: 2, active: [running] });
  assert.deepEqual(found.active.map(({ id }) => id), ["new"]);
});

test("one page of jobs needs no second request", async () => {
  const found = await firstAnswer({ newest: [job({ id: "new" })], pages: 1, active: [] });
  assert.deepEqual(found.requested, ["newest"]);
  assert.deepEqual(found.active.map(({ id }) => id), ["new"]);
});
