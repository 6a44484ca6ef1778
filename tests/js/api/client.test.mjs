import assert from "node:assert/strict";
import test from "node:test";

import { createApi, query } from "../../../static/js/api/client.js";

function setUp(respond, listeners = {}) {
  const requests = [];
  const fetch = async (path, options) => {
    requests.push({ path, ...options });
    return respond(path, options);
  };
  return { requests, api: createApi({ fetch, csrf: () => "token", ...listeners }) };
}

/** An answer of the API itself. */
const json = (body, status = 200, headers = {}) =>
  new Response(status === 304 ? null : JSON.stringify(body), {
    status,
    headers: { "Batchsite-API": "1", ...headers },
  });

const running = { id: "j", progress: {} };

test("a POST carries the CSRF token, a GET does not", async () => {
  const { requests, api } = setUp((path) => json(path.endsWith("events") ? { events: [] } : { success: true }));
  await api.cancel("j");
  await api.events("j");
  assert.equal(requests[0].method, "POST");
  assert.equal(requests[0].path, "/api/jobs/j/cancel");
  assert.equal(requests[0].headers["X-CSRFToken"], "token");
  assert.equal("X-CSRFToken" in requests[1].headers, false);
});

test("an ETag is sent with the next request, and 304 means unchanged", async () => {
  const { requests, api } = setUp((_, { headers }) =>
    headers["If-None-Match"] ? json(null, 304) : json(running, 200, { ETag: '"1"' }),
  );
  const first = await api.job("j", { after: "3.1" });
  assert.deepEqual(first, { body: running, etag: '"1"' });
  assert.equal((await api.job("j", { after: "3.1", etag: first.etag })).unchanged, true);
  assert.equal(requests[0].path, "/api/jobs/j?after=3.1");
});

test("an empty cursor is sent, a missing one is not", async () => {
  const { requests, api } = setUp(() => json(running));
  await api.job("j", { after: "" });
  await api.job("j");
  assert.deepEqual(requests.map(({ path }) => path), ["/api/jobs/j?after=", "/api/jobs/j"]);
});

test("a network failure is a temporary error without a status", async () => {
  const { api } = setUp(() => Promise.reject(new TypeError("Failed to fetch")));
  await assert.rejects(api.cancel("j"), { status: 0, temporary: true, own: false });
});

test("a cancel that is not answered in time ends with a reason", async () => {
  const late = Object.assign(new Error("timed out"), { name: "TimeoutError" });
  const { requests, api } = setUp(() => Promise.reject(late));
  await assert.rejects(api.cancel("j"), { message: "the server has not answered in time", temporary: true });
  assert.ok(requests[0].signal instanceof AbortSignal);
});

test("a lost login is reported once, and its end at the next call that succeeds", async () => {
  const log = [];
  const listeners = { onSignedOut: ({ status }) => log.push(status), onSignedIn: () => log.push("in") };
  let answer = () => json({ error: "Log in first." }, 401);
  const { api } = setUp(() => answer(), listeners);
  await assert.rejects(api.activeJob());
  await assert.rejects(api.cancel("j"));
  assert.deepEqual(log, [401]);
  answer = () => json({ job: null });
  await api.activeJob();
  await api.activeJob();
  assert.deepEqual(log, [401, "in"]);
});

for (const [name, answer] of [
  ["a proxy's 401", () => new Response("<h1>Sign in</h1>", { status: 401 })],
  ["a refused change", () => json({ error: "You may not do this." }, 403)],
]) {
  test(`${name} is not a lost login`, async () => {
    const log = [];
    const { api } = setUp(answer, { onSignedOut: () => log.push("out") });
    await assert.rejects(api.remove("j"));
    assert.deepEqual(log, []);
  });
}

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
