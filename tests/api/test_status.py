"""GET /api/jobs/<id>, with `after` and with an ETag."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import F
from django.utils.dateparse import parse_datetime

from jobs.models import Job
from tests.api.caller import Caller
from tests.support.worker import FakeWorker

Start = Callable[..., Job]

CONTRACT_KEYS = {
    "id", "operation", "label", "name", "parameters", "status", "error", "progress", "totals",
    "items_per_second", "eta_seconds", "notice", "created_at", "started_at", "finished_at",
    "created_by", "cancelled_by",
}  # fmt: skip


def test_status_of_a_queued_job(api: Caller, start: Start, alice: User):
    job = start(user=alice)
    found = api.get(f"/api/jobs/{job.pk}").body
    assert set(found) >= CONTRACT_KEYS
    assert found["id"] == str(job.pk)
    assert (found["operation"], found["label"], found["status"]) == ("slow", "Slow", "queued")
    assert found["notice"] == "No worker is running"
    assert found["created_by"] == "alice"
    assert found["created_at"].endswith("Z")
    assert parse_datetime(found["created_at"]) is not None
    unknown = ("error", "started_at", "finished_at", "items_per_second", "eta_seconds")
    assert [found[name] for name in unknown] == [None] * 5
    assert found["progress"] == {
        "total": 5,
        "processed": 0,
        "succeeded": 0,
        "failed": 0,
        "in_flight": 0,
        "pending": 5,
        "skipped": 0,
        "percent": 0,
        "warnings": 0,
    }


@pytest.mark.django_db(transaction=True)
def test_status_of_a_running_and_then_cancelled_job(api: Caller, start: Start):
    job = start()
    worker = FakeWorker(job)
    worker.run(None, "It is broken")
    worker.start()
    found = api.get(f"/api/jobs/{job.pk}").body
    assert found["status"] == "processing"
    assert found["progress"] == {
        "total": 5,
        "processed": 2,
        "succeeded": 1,
        "failed": 1,
        "in_flight": 1,
        "pending": 2,
        "skipped": 0,
        "percent": 40,
        "warnings": 0,
    }
    assert [running["path"] for running in found["current"]] == ["bad.png"]
    api.post(f"/api/jobs/{job.pk}/cancel")
    found = api.get(f"/api/jobs/{job.pk}").body
    assert found["status"] == "cancelled"
    assert [found["progress"][name] for name in ("in_flight", "pending", "skipped")] == [1, 0, 2]
    worker.finish()
    found = api.get(f"/api/jobs/{job.pk}").body
    assert [found["progress"][name] for name in ("processed", "in_flight", "skipped")] == [3, 0, 2]


@pytest.mark.django_db(transaction=True)
def test_each_finished_item_of_two_workers_comes_once(api: Caller, start: Start):
    job = start()
    cursor = ""
    received: list[str] = []

    def ask() -> None:
        nonlocal cursor
        found = api.get(f"/api/jobs/{job.pk}?after={cursor}").body
        cursor = found["cursor"]
        received.extend(item["path"] for item in found["items"])

    one, other = FakeWorker(job), FakeWorker(job)
    ask()
    done = one.run(None)
    other.start()
    done += one.run("It is broken")
    ask()
    assert received == done
    done.append(other.finish())
    done += one.run(None, None)
    ask()
    assert sorted(received) == sorted(done) == job_files(job)
    ask()
    assert len(received) == 5


def job_files(job: Job) -> list[str]:
    return list(job.items.order_by("position").values_list("key", flat=True))


@pytest.mark.django_db(transaction=True)
def test_finished_item_has_its_status_and_message(api: Caller, start: Start):
    job = start()
    FakeWorker(job).run("It is broken")
    assert api.get(f"/api/jobs/{job.pk}?after=").body["items"] == [
        {"path": "a.txt", "status": "failed", "message": "It is broken"}
    ]


def test_items_come_only_with_after(api: Caller, start: Start):
    job = start()
    assert "items" not in api.get(f"/api/jobs/{job.pk}").body
    found = api.get(f"/api/jobs/{job.pk}?after=0").body
    assert (found["items"], found["cursor"]) == ([], "0")


@pytest.mark.parametrize("cursor", ["x", "1.x", "9" * 5_000, "%00", "1..2", "-"])
def test_malformed_cursor_is_refused(api: Caller, start: Start, cursor: str):
    answer = api.get(f"/api/jobs/{start().pk}?after={cursor}")
    assert answer.status == 400
    assert "Start again without it" in answer.error


@pytest.mark.parametrize(
    "job_id", ["550e8400-e29b-41d4-a716-446655440000", "1", "None", "%00", "..", "é", "a%2Fb"]
)
def test_an_unknown_job(api: Caller, db: None, job_id: str):
    answer = api.get(f"/api/jobs/{job_id}")
    assert answer.status == 404
    assert answer.error


def test_an_unchanged_job_is_not_sent_again(api: Caller, start: Start):
    path = f"/api/jobs/{start().pk}"
    first = api.get(path)
    again = api.get(path, If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, None)
    assert again.headers["ETag"] == first.headers["ETag"]
    api.post(f"{path}/pause")
    changed = api.get(path, If_None_Match=first.headers["ETag"])
    assert (changed.status, changed.body["status"]) == (200, "paused")


@pytest.mark.django_db(transaction=True)
def test_etag_is_the_same_after_time_alone(api: Caller, start: Start):
    job = start()
    FakeWorker(job).start()
    path = f"/api/jobs/{job.pk}?after="
    first = api.get(path)
    job.leases.update(current_since=F("current_since") - 100)
    later = api.get(path)
    assert later.body["current"][0]["seconds"] > first.body["current"][0]["seconds"]
    assert api.get(path, If_None_Match=first.headers["ETag"]).status == 304


@pytest.mark.django_db(transaction=True)
def test_etag_changes_with_a_finished_item(api: Caller, start: Start):
    job = start()
    worker = FakeWorker(job)
    path = f"/api/jobs/{job.pk}?after="
    first = api.get(path)
    worker.run(None)
    assert len(api.get(path, If_None_Match=first.headers["ETag"]).body["items"]) == 1


def test_answers_are_not_cached_by_browsers(api: Caller, start: Start):
    assert api.get(f"/api/jobs/{start().pk}").headers["Cache-Control"] == "private, no-cache"


@pytest.mark.django_db(transaction=True)
def test_poll_needs_at_most_four_queries(
    api: Caller, start: Start, django_assert_num_queries: Callable[..., Any]
):
    job = start()
    worker = FakeWorker(job)
    worker.run(None)
    worker.start()
    path = f"/api/jobs/{job.pk}?after="
    # The job; its leases; the new items of the one slot; whether there is a
    # cluster. No session: nobody is logged in.
    with django_assert_num_queries(4):
        cursor = api.get(path).body["cursor"]
    with django_assert_num_queries(3):
        api.get(path + cursor)
    worker.finish()
    api.post(f"/api/jobs/{job.pk}/cancel")
    with django_assert_num_queries(2):
        api.get(f"/api/jobs/{job.pk}")
