"""GET /api/jobs/<id>, with `after` and with an ETag."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import F
from django.utils.dateparse import parse_datetime

from jobs.models import Job
from tests.api.caller import Caller
from tests.api.worker import Worker

Start = Callable[..., Job]

CONTRACT_KEYS = {
    "id", "operation", "label", "status", "error", "progress", "items_per_second", "eta_seconds",
    "notice", "created_at", "started_at", "finished_at", "created_by", "cancelled_by",
}  # fmt: skip


def test_a_queued_job(api: Caller, start: Start, alice: User):
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
    }


@pytest.mark.django_db(transaction=True)
def test_a_running_job_and_then_a_cancelled_one(api: Caller, start: Start):
    job = start()
    worker = Worker(job)
    worker.do("", "It is broken")
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
    }
    assert [running["path"] for running in found["current"]] == ["bad.png"]
    api.post(f"/api/jobs/{job.pk}/cancel")
    found = api.get(f"/api/jobs/{job.pk}").body
    assert found["status"] == "cancelled"
    assert [found["progress"][name] for name in ("in_flight", "pending", "skipped")] == [1, 0, 2]
    worker.end()
    found = api.get(f"/api/jobs/{job.pk}").body
    assert [found["progress"][name] for name in ("processed", "in_flight", "skipped")] == [3, 0, 2]


@pytest.mark.django_db(transaction=True)
def test_each_finished_item_is_told_once_whatever_the_number_of_workers(api: Caller, start: Start):
    job = start()
    cursor = ""
    told: list[str] = []

    def ask() -> None:
        nonlocal cursor
        found = api.get(f"/api/jobs/{job.pk}?after={cursor}").body
        cursor = found["cursor"]
        told.extend(item["path"] for item in found["items"])

    one, other = Worker(job), Worker(job)
    ask()
    done = one.do("")
    other.start()
    done += one.do("It is broken")
    ask()
    assert told == done
    done.append(other.end())
    done += one.do("", "")
    ask()
    assert sorted(told) == sorted(done) == job_files(job)
    ask()
    assert len(told) == 5


def job_files(job: Job) -> list[str]:
    return list(job.items.order_by("position").values_list("key", flat=True))


@pytest.mark.django_db(transaction=True)
def test_a_told_item_has_its_outcome(api: Caller, start: Start):
    job = start()
    Worker(job).do("It is broken")
    assert api.get(f"/api/jobs/{job.pk}?after=").body["items"] == [
        {"path": "a.txt", "status": "failed", "message": "It is broken"}
    ]


def test_items_come_only_where_they_are_asked_for(api: Caller, start: Start):
    job = start()
    assert "items" not in api.get(f"/api/jobs/{job.pk}").body
    found = api.get(f"/api/jobs/{job.pk}?after=0").body
    assert (found["items"], found["cursor"]) == ([], "0")


@pytest.mark.parametrize("cursor", ["x", "1.x", "9" * 5_000, "%00", "1..2", "-"])
def test_a_cursor_that_nobody_gave_out(api: Caller, start: Start, cursor: str):
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
def test_time_alone_is_no_change(api: Caller, start: Start):
    job = start()
    Worker(job).start()
    path = f"/api/jobs/{job.pk}?after="
    first = api.get(path)
    job.leases.update(current_since=F("current_since") - 100)
    later = api.get(path)
    assert later.body["current"][0]["seconds"] > first.body["current"][0]["seconds"]
    assert api.get(path, If_None_Match=first.headers["ETag"]).status == 304


@pytest.mark.django_db(transaction=True)
def test_a_finished_item_is_a_change(api: Caller, start: Start):
    job = start()
    worker = Worker(job)
    path = f"/api/jobs/{job.pk}?after="
    first = api.get(path)
    worker.do("")
    assert len(api.get(path, If_None_Match=first.headers["ETag"]).body["items"]) == 1


def test_answers_are_not_kept_by_browsers(api: Caller, start: Start):
    assert api.get(f"/api/jobs/{start().pk}").headers["Cache-Control"] == "private, no-cache"


@pytest.mark.django_db(transaction=True)
def test_polling_costs_few_queries(
    api: Caller, start: Start, django_assert_num_queries: Callable[..., Any]
):
    job = start()
    worker = Worker(job)
    worker.do("")
    worker.start()
    path = f"/api/jobs/{job.pk}?after="
    # The job; its leases; the new items of the one lane; whether there is a
    # cluster. No session: nobody is logged in.
    with django_assert_num_queries(4):
        cursor = api.get(path).body["cursor"]
    with django_assert_num_queries(3):
        api.get(path + cursor)
    worker.end()
    api.post(f"/api/jobs/{job.pk}/cancel")
    with django_assert_num_queries(2):
        api.get(f"/api/jobs/{job.pk}")
