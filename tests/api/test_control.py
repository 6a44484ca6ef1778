"""Cancel, pause, resume, retry, cancel-all, delete."""

from collections.abc import Callable
from typing import Any

import pytest

from jobs.models import Job, JobEvent, JobItem
from tests.api.caller import Caller
from tests.lifecycle.failing import FULL, FailingWorker
from tests.support.worker import FakeWorker

Start = Callable[..., Job]

UNKNOWN = ["550e8400-e29b-41d4-a716-446655440000", "1", "x" * 300, "%00", "é"]
GONE = "Job not found or already completed"


def test_a_job_is_cancelled_once(api: Caller, start: Start):
    job = start()
    answer = api.post(f"/api/jobs/{job.pk}/cancel")
    assert (answer.status, answer.body) == (200, {"success": True})
    again = api.post(f"/api/jobs/{job.pk}/cancel")
    assert (again.status, again.body) == (400, {"error": GONE})


def test_a_cancel_needs_no_body_and_no_content_type(api: Caller, start: Start):
    for kind in ("", "application/x-www-form-urlencoded", "text/plain"):
        assert api.call("POST", f"/api/jobs/{start().pk}/cancel", b"", kind).status == 200


@pytest.mark.parametrize("job_id", UNKNOWN)
def test_an_unknown_job_cannot_be_cancelled(api: Caller, db: None, job_id: str):
    answer = api.post(f"/api/jobs/{job_id}/cancel")
    assert (answer.status, answer.body) == (400, {"error": GONE})


@pytest.mark.parametrize("call", ["pause", "resume", "retry"])
@pytest.mark.parametrize("job_id", UNKNOWN[:2])
def test_an_unknown_job_cannot_be_paused_or_requeued(api: Caller, db: None, call: str, job_id: str):
    answer = api.post(f"/api/jobs/{job_id}/{call}")
    assert (answer.status, answer.body) == (400, {"error": "Job not found"})


@pytest.mark.django_db(transaction=True)
def test_a_completed_job_cannot_be_cancelled(api: Caller, start: Start):
    job = start()
    FakeWorker(job).run_all()
    answer = api.post(f"/api/jobs/{job.pk}/cancel")
    assert (answer.status, answer.body) == (400, {"error": GONE})


def test_pause_and_resume(api: Caller, start: Start):
    path = f"/api/jobs/{start().pk}"
    assert api.post(f"{path}/pause").body == {"success": True}
    assert api.get(path).body["status"] == "paused"
    again = api.post(f"{path}/pause")
    assert (again.status, "paused" in again.error) == (400, True)
    assert api.post(f"{path}/resume", {"skip_changed": False}).body == {"success": True}
    assert api.get(path).body["status"] == "queued"
    running = api.post(f"{path}/resume")
    assert (running.status, "queued" in running.error) == (400, True)


@pytest.mark.django_db(transaction=True)
def test_resume_processes_unprocessed_items(api: Caller, start: Start):
    job = start()
    path = f"/api/jobs/{job.pk}"
    done = FakeWorker(job).run(None, "It is broken")
    api.post(f"{path}/cancel")
    assert api.post(f"{path}/resume", {}).body == {"success": True}
    Job.objects.get(pk=job.pk).leases.update(token=None, fenced=False)
    worker = FakeWorker(job)
    assert [worker.start(), worker.finish()] == ["bad.png"] * 2
    assert "bad.png" not in done


@pytest.mark.django_db(transaction=True)
def test_retry_processes_failed_items_again(api: Caller, start: Start):
    job = start()
    path = f"/api/jobs/{job.pk}"
    worker = FakeWorker(job)
    worker.run(None, "It is broken")
    worker.run_all()
    assert api.post(f"{path}/retry", {}).body == {"success": True}
    progress = api.get(path).body["progress"]
    assert [progress[name] for name in ("succeeded", "failed", "pending")] == [4, 0, 1]
    assert JobItem.objects.get(job=job, status="pending").key == "b.txt"


@pytest.mark.django_db(transaction=True)
def test_requeue_of_a_job_without_open_or_failed_items_is_refused(api: Caller, start: Start):
    job = start()
    FakeWorker(job).run_all()
    for call in ("resume", "retry"):
        assert api.post(f"/api/jobs/{job.pk}/{call}").status == 400


@pytest.mark.django_db(transaction=True)
def test_resume_with_the_files_of_the_same_error(api: Caller, start: Start, settings: Any):
    settings.JOBS_MAX_EQUAL_ERRORS = 2
    job = start()
    path = f"/api/jobs/{job.pk}"
    refused = api.post(f"{path}/resume", {"retry_failed": "same_error"})
    assert (refused.status, "queued" in refused.error) == (400, True)
    FailingWorker(job).end(FULL, FULL)
    assert api.get(path).body["repeated_error"] == FULL
    assert list(api.post(f"{path}/resume", {"retry_failed": "all"}).body["fields"]) == [
        "retry_failed"
    ]
    assert api.post(f"{path}/resume", {"retry_failed": "same_error"}).body == {"success": True}
    answer = api.get(path).body
    assert (answer["progress"]["failed"], answer["repeated_error"]) == (0, None)
    assert api.get(f"{path}/events").body["events"][-1]["message"].endswith(FULL)
    api.post(f"{path}/pause")
    again = api.post(f"{path}/resume", {"retry_failed": "same_error"})
    assert (again.status, again.error[:49]) == (
        400,
        "This job was not paused because of equal errors. ",
    )


@pytest.mark.parametrize("call", ["resume", "retry"])
def test_wrong_body_of_a_requeue_is_named(api: Caller, start: Start, call: str):
    path = f"/api/jobs/{start().pk}/{call}"
    assert list(api.post(path, {"skip_changed": "yes"}).body["fields"]) == ["skip_changed"]
    assert list(api.post(path, {"skipchanged": True}).body["fields"]) == ["skipchanged"]
    assert api.post(path, []).status == 400
    assert api.call("POST", path, b"{").status == 400


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("call", ["resume", "retry"])
def test_requeue_that_skips_changed_files_is_prepared_by_a_worker(
    api: Caller, start: Start, call: str
):
    job = start()
    path = f"/api/jobs/{job.pk}"
    FakeWorker(job).run(None, "It is broken")
    api.post(f"{path}/cancel")
    assert api.post(f"{path}/{call}", {"skip_changed": True}).body == {"success": True}
    job.refresh_from_db()
    assert (job.status, job.prepared) == ("queued", False)
    assert job.preparation["skip_changed"] is True
    event = api.get(f"{path}/events").body["events"][-1]
    assert (event["kind"], event["message"]) == (call, "Without files that changed or disappeared")


def test_cancel_all(api: Caller, start: Start):
    jobs = [start() for _ in range(3)]
    api.post(f"/api/jobs/{jobs[0].pk}/cancel")
    assert api.post("/api/jobs/cancel-all").body == {"success": True, "cancelled": 2}
    assert api.post("/api/jobs/cancel-all").body == {"success": True, "cancelled": 0}
    assert {job["status"] for job in api.get("/api/jobs").body["jobs"]} == {"cancelled"}


def test_a_finished_job_is_deleted_with_its_items(api: Caller, start: Start):
    job = start()
    path = f"/api/jobs/{job.pk}"
    active = api.delete(path)
    assert (active.status, "still active" in active.error) == (400, True)
    api.post(f"{path}/cancel")
    assert api.delete(path).body == {"success": True}
    assert not JobItem.objects.exists()
    assert api.delete(path).status == 404
    assert api.get(path).status == 404


def test_a_large_job_is_deleted_before_its_rows_are(api: Caller, start: Start, settings: Any):
    job = start()
    settings.JOBS_INLINE_ITEMS = 0
    path = f"/api/jobs/{job.pk}"
    api.post(f"{path}/cancel")
    assert api.delete(path).body == {"success": True}
    assert JobItem.objects.exists()
    assert api.delete(path).status == 404
    for address in ("", "/items", "/items.csv", "/events"):
        assert api.get(f"{path}{address}").status == 404
    for call in ("cancel", "pause", "resume", "retry"):
        assert api.post(f"{path}/{call}").status == 400
    assert api.get("/api/jobs").body["jobs"] == []
    assert api.get("/api/jobs/active").body == {"job": None}


@pytest.mark.parametrize("job_id", UNKNOWN)
def test_an_unknown_job_cannot_be_deleted(api: Caller, db: None, job_id: str):
    assert api.delete(f"/api/jobs/{job_id}").error == "Job not found"


def test_every_event_has_its_actor_and_source(api: Caller, start: Start):
    path = f"/api/jobs/{start().pk}"
    api.post(f"{path}/pause", X_Requested_With="batchsite-page")
    api.post(f"{path}/resume", {}, X_Requested_With="XMLHttpRequest")
    events = JobEvent.objects.values_list("kind", "source")
    assert list(events) == [("start", "command"), ("pause", "page"), ("resume", "api")]
