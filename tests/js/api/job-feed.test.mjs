import assert from "node:assert/strict";
import test from "node:test";

import { ApiError } from "../../../static/js/api/answer.js";
import { createFeed } from "../../../static/js/api/job-feed.js";
import { job } from "../support.mjs";

/** An API that gives these answers in turn, and records the requests. */
function setUp(...answers) {
  const requested = [];
  const api = {
    job: async (id, { after, etag }) => {
      requested.push({ id, after, etag });
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  return { requested, feed: createFeed(api, "j") };
}

const items = (...paths) => paths.map((path) => ({ path, status: "succeeded", message: "" }));
const answer = (cursor, found, etag = null) => ({
  body: { ...job(), items: found, cursor },
  etag,
});

test("each request carries the cursor of the last answer", async () => {
  const { requested, feed } = setUp(answer("3", items("a", "b", "c")), answer("4.1", items("d", "e")));
  const first = await feed.poll();
  const second = await feed.poll();
  assert.deepEqual(requested.map(({ after }) => after), ["", "3"]);
  assert.deepEqual(first.items.map(({ path }) => path), ["a", "b", "c"]);
  assert.deepEqual(second.items.map(({ path }) => path), ["d", "e"]);
});

test("the status has neither items nor cursor", async () => {
  const { feed } = setUp(answer("0", []));
  const { job: status } = await feed.poll();
  assert.deepEqual(status, job());
});

test("a failed request keeps the cursor, so that no item is lost", async () => {
  const lost = Object.assign(new Error("no network"), { status: 0 });
  const { requested, feed } = setUp(answer("3", items("a")), lost, answer("4", items("b")));
  await feed.poll();
  await assert.rejects(feed.poll());
  await feed.poll();
  assert.deepEqual(requested.map(({ after }) => after), ["", "3", "3"]);
});

test("a full answer reports that more items are waiting", async () => {
  const full = items(...Array.from({ length: 500 }, (_, index) => `file ${index}`));
  const { feed } = setUp(answer("500", full), answer("501", items("last")));
  assert.equal((await feed.poll()).more, true);
  assert.equal((await feed.poll()).more, false);
});

test("an unchanged answer repeats the last status, without items", async () => {
  const { requested, feed } = setUp(answer("3", items("a")), answer("3", [], '"x"'), {
    unchanged: true,
  });
  await feed.poll();
  await feed.poll();
  const { job: status, items: found, unchanged } = await feed.poll();
  assert.equal(unchanged, true);
  assert.deepEqual(found, []);
  assert.deepEqual(status, job());
  // The first answer's ETag was for another cursor, and so for another URL.
  assert.deepEqual(requested.map(({ etag }) => etag), [null, null, '"x"']);
});

test("a refused cursor restarts the feed from the beginning", async () => {
  const refused = new ApiError("bad cursor", { status: 400, own: true });
  const { requested, feed } = setUp(answer("9", items("a")), refused, answer("1", items("a")));
  await feed.poll();
  const { restarted, items: found } = await feed.poll();
  assert.equal(restarted, true);
  assert.equal(found.length, 1);
  assert.deepEqual(requested.map(({ after }) => after), ["", "9", ""]);
});

test("a proxy's 400 keeps the cursor", async () => {
  const foreign = new ApiError("another program answered", { status: 400 });
  const { requested, feed } = setUp(answer("9", items("a")), foreign, answer("10", items("b")));
  await feed.poll();
  await assert.rejects(feed.poll());
  assert.equal((await feed.poll()).restarted, false);
  assert.deepEqual(requested.map(({ after }) => after), ["", "9", "9"]);
});

test("an unknown job is requested once", async () => {
  const notFound = Object.assign(new Error("Job not found"), { status: 404 });
  const { requested, feed } = setUp(notFound);
  await assert.rejects(feed.poll(), /Job not found/);
  assert.equal(requested.length, 1);
});
