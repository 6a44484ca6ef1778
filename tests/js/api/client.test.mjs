import assert from "node:assert/strict";
import test from "node:test";

import { ApiError, createApi, query } from "../../../static/js/api/client.js";

function setUp(respond) {
  const requests = [];
  const fetch = async (path, options) => {
    requests.push({ path, ...options });
    return respond(path, options);
  };
  return { requests, api: createApi({ fetch, csrf: () => "token" }) };
}

const json = (body, status = 200, headers = {}) =>
  new Response(status === 304 ? null : JSON.stringify(body), { status, headers });

test("a POST carries the CSRF token, a GET does not", async () => {
  const { requests, api } = setUp(() => json({ success: true }));
  await api.cancel("j");
  await api.events("j");
  assert.equal(requests[0].method, "POST");
  assert.equal(requests[0].path, "/api/jobs/j/cancel");
  assert.equal(requests[0].headers["X-CSRFToken"], "token");
  assert.equal("X-CSRFToken" in requests[1].headers, false);
});

test("an error has the API's sentence, status and fields", async () => {
  const { api } = setUp(() => json({ error: "Check this.", fields: { size: ["Too small."] } }, 400));
  await assert.rejects(api.startJob({}), (error) => {
    assert.ok(error instanceof ApiError);
    assert.equal(error.message, "Check this.");
    assert.equal(error.sentence, "Check this (HTTP 400)");
    assert.deepEqual(error.fields, { size: ["Too small."] });
    assert.equal(error.temporary, false);
    return true;
  });
});

test("an error page that is not JSON becomes an error with its HTTP status", async () => {
  const { api } = setUp(() => new Response("<h1>Bad gateway</h1>", { status: 502 }));
  await assert.rejects(api.cancel("j"), (error) => {
    assert.match(error.sentence, /\(HTTP 502\)$/);
    assert.equal(error.temporary, true);
    return true;
  });
});

test("a network failure is a temporary error without a status", async () => {
  const { api } = setUp(() => Promise.reject(new TypeError("Failed to fetch")));
  await assert.rejects(api.cancel("j"), { status: 0, temporary: true });
});

test("a truncated answer is a temporary error", async () => {
  const { api } = setUp(() => new Response('{"id": "1', { status: 200 }));
  await assert.rejects(api.job("j"), { status: 0, temporary: true });
});

for (const status of [429, 500, 502, 503]) {
  test(`HTTP ${status} is temporary`, () => {
    assert.equal(new ApiError("", { status }).temporary, true);
  });
}

for (const status of [400, 401, 403, 404]) {
  test(`HTTP ${status} is not temporary`, () => {
    assert.equal(new ApiError("", { status }).temporary, false);
  });
}

test("an ETag is sent with the next request, and 304 means unchanged", async () => {
  const { requests, api } = setUp((_, { headers }) =>
    headers["If-None-Match"] ? json(null, 304) : json({ id: "j" }, 200, { ETag: '"1"' }),
  );
  const first = await api.job("j", { after: "3.1" });
  assert.deepEqual(first, { body: { id: "j" }, etag: '"1"' });
  assert.equal((await api.job("j", { after: "3.1", etag: first.etag })).unchanged, true);
  assert.equal(requests[0].path, "/api/jobs/j?after=3.1");
});

test("an empty cursor is sent, a missing one is not", async () => {
  const { requests, api } = setUp(() => json({}));
  await api.job("j", { after: "" });
  await api.job("j");
  assert.deepEqual(requests.map(({ path }) => path), ["/api/jobs/j?after=", "/api/jobs/j"]);
});

test("continue asks for the files with the same error only on request", async () => {
  const { requests, api } = setUp(() => json({ success: true }));
  await api.continue("j", true);
  await api.continue("j", false);
  assert.deepEqual(
    requests.map(({ path, body }) => [path, JSON.parse(body)]),
    [
      ["/api/jobs/j/resume", { retry_failed: "same_error" }],
      ["/api/jobs/j/resume", {}],
    ],
  );
});

test("resume and retry send whether changed files are skipped", async () => {
  const { requests, api } = setUp(() => json({ success: true }));
  await api.resume("j", true);
  await api.retry("j");
  assert.deepEqual(
    requests.map(({ path, body }) => [path, JSON.parse(body)]),
    [
      ["/api/jobs/j/resume", { skip_changed: true }],
      ["/api/jobs/j/retry", { skip_changed: false }],
    ],
  );
});

test("a query leaves out empty values and escapes the others", () => {
  assert.equal(query({ search: "a&b #1%", status: "", page: 2, x: null }), "?search=a%26b+%231%25&page=2");
  assert.equal(query({ status: "" }), "");
  assert.equal(query({ page: 0 }), "?page=0");
});
