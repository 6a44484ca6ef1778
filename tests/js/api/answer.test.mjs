import assert from "node:assert/strict";
import test from "node:test";

import { ApiError, bodyOf, errorFrom, isUnchanged } from "../../../static/js/api/answer.js";
import { hasJobs, isActiveJob, isJob, isSuccess } from "../../../static/js/api/shapes.js";

const MARK = { "Batchsite-API": "1" };
const json = (body, status, headers = {}) => new Response(JSON.stringify(body), { status, headers });
const errorOf = (response) => errorFrom(response, { reading: true });

test("an error of the API has its sentence, status and fields", async () => {
  const body = { error: "Check this.", fields: { size: ["Too small."] } };
  const error = await errorOf(json(body, 400, MARK));
  assert.ok(error instanceof ApiError);
  assert.deepEqual([error.message, error.sentence], ["Check this.", "Check this (HTTP 400)"]);
  assert.deepEqual(error.fields, { size: ["Too small."] });
  assert.deepEqual([error.own, error.temporary, error.refused], [true, false, true]);
});

const OTHERS = {
  "an HTML page": (status) => new Response("<h1>Not here</h1>", { status }),
  "an empty body": (status) => new Response("", { status }),
  "plain text": (status) => new Response("404 page not found", { status }),
  "JSON of another program": (status) => json({ message: "no Route matched" }, status),
  "JSON with an error of another program": (status) => json({ error: "Not Found" }, status),
  "a marked page whose body was replaced": (status) => new Response("<h1>Oops</h1>", { status, headers: MARK }),
  "a marked error without a sentence": (status) => json({ error: 7 }, status, MARK),
};
for (const [name, answer] of Object.entries(OTHERS)) {
  for (const status of [400, 401, 403, 404, 502]) {
    test(`${name} with HTTP ${status} is trouble that passes`, async () => {
      const error = await errorOf(answer(status));
      assert.deepEqual(
        [error.own, error.temporary, error.passes, error.notFound, error.refused, error.signedOut],
        [false, true, true, false, false, false],
      );
      assert.match(error.sentence, new RegExp(`\\(HTTP ${status}\\)$`));
    });
  }
}

test("the API's fixed sentences count even without the header", async () => {
  const error = await errorOf(json({ error: "Job not found or already completed" }, 400));
  assert.deepEqual([error.own, error.refused], [true, true]);
  assert.equal((await errorOf(json({ error: "Job not found" }, 404))).notFound, true);
});

for (const [status, temporary, passes] of [
  [400, false, false],
  [401, false, true],
  [403, false, true],
  [404, false, false],
  [429, true, true],
  [500, true, true],
  [503, true, true],
]) {
  test(`the API's own HTTP ${status}: temporary ${temporary}, passes ${passes}`, async () => {
    const error = await errorOf(json({ error: "A sentence." }, status, MARK));
    assert.deepEqual([error.temporary, error.passes], [temporary, passes]);
    assert.equal(error.signedOut, status === 401 || status === 403);
  });
}

test("a refused change is no lost login, a missing login is", async () => {
  const answer = (status) => errorFrom(json({ error: "No." }, status, MARK), { reading: false });
  assert.equal((await answer(403)).signedOut, false);
  assert.equal((await answer(401)).signedOut, true);
});

for (const [name, response, hasShape] of [
  ["the page of a login portal", new Response("<h1>Welcome</h1>"), isJob],
  ["JSON of something else", json({ status: "ok" }), isJob],
  ["another list", json([]), hasJobs],
  ["null", json(null), isActiveJob],
  ["a success that is none", json({ success: false }), isSuccess],
]) {
  test(`${name} with HTTP 200 is trouble that passes`, async () => {
    await assert.rejects(bodyOf(response, hasShape), { own: false, temporary: true, foreign: true });
  });
}

test("an answer that was cut off is a temporary error without a status", async () => {
  const cutOff = new Response('{"id": "1', { status: 200, headers: MARK });
  const expected = { status: 0, temporary: true, message: "the server’s answer is incomplete" };
  await assert.rejects(bodyOf(cutOff, isJob), expected);
});

test("an answer of the right shape counts", async () => {
  assert.deepEqual(await bodyOf(json({ job: null }), isActiveJob), { job: null });
  assert.deepEqual(await bodyOf(json({ jobs: [] }), hasJobs), { jobs: [] });
});

test("a 304 counts if it is the API's or has the ETag that was sent", () => {
  const answer = (headers) => new Response(null, { status: 304, headers });
  assert.equal(isUnchanged(answer(MARK), '"1"'), true);
  assert.equal(isUnchanged(answer({ ETag: '"1"' }), '"1"'), true);
  assert.equal(isUnchanged(answer({}), '"1"'), false);
  assert.equal(isUnchanged(answer(MARK), null), false);
});
