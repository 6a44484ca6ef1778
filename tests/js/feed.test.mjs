import assert from "node:assert/strict";
import test from "node:test";

import { createFeed } from "../../static/js/feed.js";
import { job } from "./support.mjs";

/** A job API that answers from a list and writes down what it was asked. */
function setUp(...answers) {
  const asked = [];
  const api = {
    job: async (id, { after, etag }) => {
      asked.push({ id, after, etag });
      const answer = answers.shift();
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  return { asked, feed: createFeed(api, "j") };
}

const items = (...paths) => paths.map((path) => ({ path, status: "succeeded", message: "" }));
const answer = (cursor, found, etag = null) => ({
  body: { ...job(), items: found, cursor },
  etag,
});

test("each answer's cursor asks for what comes after it", async () => {
  const { asked, feed } = setUp(answer("3", items("a", "b", "c")), answer("4.1", items("d", "e")));
  const first = await feed.ask();
  const second = await feed.ask();
  assert.deepEqual(asked.map(({ after }) => after), ["", "3"]);
  assert.deepEqual(first.items.map(({ path }) => path), ["a", "b", "c"]);
  assert.deepEqual(second.items.map(({ path }) => path), ["d", "e"]);
});

test("the status comes without the items and the cursor", async () => {
  const { feed } = setUp(answer("0", []));
  const { job: status } = await feed.ask();
  assert.deepEqual(status, job());
});

test("a failed request leaves the cursor, so that no item is lost", async () => {
  const lost = Object.assign(new Error("no network"), { status: 0 });
  const { asked, feed } = setUp(answer("3", items("a")), lost, answer("4", items("b")));
  await feed.ask();
  await assert.rejects(feed.ask());
  await feed.ask();
  assert.deepEqual(asked.map(({ after }) => after), ["", "3", "3"]);
});

test("a full answer says that more is waiting", async () => {
  const full = items(...Array.from({ length: 500 }, (_, index) => `file ${index}`));
  const { feed } = setUp(answer("500", full), answer("501", items("last")));
  assert.equal((await feed.ask()).more, true);
  assert.equal((await feed.ask()).more, false);
});

test("nothing changed: the last status again, and no items", async () => {
  const { asked, feed } = setUp(answer("3", items("a")), answer("3", [], '"x"'), {
    unchanged: true,
  });
  await feed.ask();
  await feed.ask();
  const { job: status, items: found, unchanged } = await feed.ask();
  assert.equal(unchanged, true);
  assert.deepEqual(found, []);
  assert.deepEqual(status, job());
  // The first answer's tag was for another cursor, hence for another address.
  assert.deepEqual(asked.map(({ etag }) => etag), [null, null, '"x"']);
});

test("a refused cursor starts from the beginning and says so", async () => {
  const refused = Object.assign(new Error("bad cursor"), { status: 400 });
  const { asked, feed } = setUp(answer("9", items("a")), refused, answer("1", items("a")));
  await feed.ask();
  const { restarted, items: found } = await feed.ask();
  assert.equal(restarted, true);
  assert.equal(found.length, 1);
  assert.deepEqual(asked.map(({ after }) => after), ["", "9", ""]);
});

test("an unknown job is not asked for twice", async () => {
  const gone = Object.assign(new Error("Job not found"), { status: 404 });
  const { asked, feed } = setUp(gone);
  await assert.rejects(feed.ask(), /Job not found/);
  assert.equal(asked.length, 1);
});
