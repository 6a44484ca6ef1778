import assert from "node:assert/strict";
import test from "node:test";

import { showJobs } from "../../../static/js/jobs/job-list.js";
import { FakeElement, page } from "../dom.mjs";
import { job } from "../support.mjs";

/** What the list says of the numbers of a job that has completed with this progress. */
function listed(progress) {
  const jobHistory = new FakeElement("ul");
  page({ jobHistory, moreJobsBtn: new FakeElement("button") });
  const ended = { processed: 100, succeeded: 100, failed: 0, in_flight: 0, pending: 0, percent: 100 };
  showJobs([job({ status: "completed", progress: { ...ended, ...progress } })], { more: false });
  return jobHistory.querySelector("li").lastElementChild.firstElementChild.textContent;
}

test("the list says how many files of a job failed and how many have a warning", () => {
  assert.equal(listed({ warnings: 0 }), "100 files");
  assert.equal(listed({ warnings: 2 }), "100 files · 2 with a warning");
  assert.equal(
    listed({ succeeded: 96, failed: 4, warnings: 2 }),
    "100 files · 4 failed · 2 with a warning",
  );
});
