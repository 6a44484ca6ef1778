import assert from "node:assert/strict";
import test from "node:test";

import { JobsPoll } from "../../static/js/jobspoll.js";
import { job } from "./support.mjs";

const ended = (id) => job({ id, status: "completed", progress: { in_flight: 0, pending: 0 } });

/** What the listeners are told of one answer; `lists` by the filter that is asked for. */
async function told({ newest, pages, active }) {
  const asked = [];
  const api = {
    jobs: async (filter) => {
      asked.push(filter.status ?? "newest");
      return { body: filter.status ? { jobs: active } : { jobs: newest, pages }, etag: null };
    },
  };
  const found = await new Promise((resolve) => {
    const poll = new JobsPoll(api, { onJobs: resolve, pace: () => null });
    poll.start();
  });
  return { ...found, asked };
}

test("a running job that is not among the newest is still there", async () => {
  const newest = Array.from({ length: 20 }, (_, place) => ended(`job-${place}`));
  const paused = job({ id: "old", status: "paused" });
  const found = await told({ newest, pages: 2, active: [paused] });
  assert.deepEqual(found.active.map(({ id }) => id), ["old"]);
  assert.equal(found.jobs.length, 20);
  assert.equal(found.fresh.at(-1).id, "old");
});

test("a running job that is in both lists is there once", async () => {
  const running = job({ id: "new" });
  const found = await told({ newest: [running, ended("other")], pages: 2, active: [running] });
  assert.deepEqual(found.active.map(({ id }) => id), ["new"]);
});

test("where all jobs are on the first page nothing else is asked", async () => {
  const found = await told({ newest: [job({ id: "new" })], pages: 1, active: [] });
  assert.deepEqual(found.asked, ["newest"]);
  assert.deepEqual(found.active.map(({ id }) => id), ["new"]);
});
