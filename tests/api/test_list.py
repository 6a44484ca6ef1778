"""GET /api/jobs."""

import time
from collections.abc import Callable

import pytest
from django.test.utils import CaptureQueriesContext

from jobs.models import Cluster, Job
from jobs.states import JobStatus
from tests.api.caller import Caller
from tests.support import factories
from tests.support.worker import FakeWorker

Start = Callable[..., Job]


def test_list_without_jobs_is_one_empty_page(api: Caller, db: None):
    assert api.get("/api/jobs").body == {"count": 0, "page": 1, "pages": 1, "jobs": []}


def test_the_newest_job_comes_first(api: Caller, start: Start):
    jobs = [start() for _ in range(3)]
    found = api.get("/api/jobs?status=&page=").body
    assert [job["id"] for job in found["jobs"]] == [str(job.pk) for job in reversed(jobs)]
    assert found["count"] == 3


def test_jobs_are_filtered_by_status(api: Caller, start: Start):
    queued, cancelled = start(), start()
    api.post(f"/api/jobs/{cancelled.pk}/cancel")
    for status, expected in (("queued", [queued]), ("cancelled", [cancelled]), ("failed", [])):
        found = api.get(f"/api/jobs?status={status}").body
        assert [job["id"] for job in found["jobs"]] == [str(job.pk) for job in expected]
        assert found["count"] == len(expected)


def test_active_filter_lists_all_unfinished_jobs(api: Caller, start: Start):
    queued, paused, cancelled = start(), start(), start()
    api.post(f"/api/jobs/{paused.pk}/pause")
    api.post(f"/api/jobs/{cancelled.pk}/cancel")
    found = api.get("/api/jobs?status=active").body
    assert [job["id"] for job in found["jobs"]] == [str(paused.pk), str(queued.pk)]
    assert found["count"] == 2


def test_every_status_is_a_filter(api: Caller, db: None):
    for status in JobStatus.values:
        assert api.get(f"/api/jobs?status={status}").status == 200


@pytest.mark.parametrize(
    ("query", "field"), [("status=running", "status"), ("page=0", "page"), ("page=one", "page")]
)
def test_a_wrong_parameter_is_named(api: Caller, db: None, query: str, field: str):
    answer = api.get(f"/api/jobs?{query}")
    assert (answer.status, list(answer.body["fields"])) == (400, [field])


def test_a_page_has_twenty_jobs(api: Caller, start: Start):
    jobs = [start(files=["a.txt"]) for _ in range(21)]
    first, second = (api.get(f"/api/jobs?page={page}").body for page in (1, 2))
    assert (len(first["jobs"]), first["pages"], first["count"]) == (20, 2, 21)
    assert [job["id"] for job in second["jobs"]] == [str(jobs[0].pk)]
    assert api.get("/api/jobs?page=3").body["jobs"] == []


def test_twenty_jobs_need_as_many_queries_as_one(
    api: Caller, start: Start, django_assert_max_num_queries: Callable[..., CaptureQueriesContext]
):
    start()
    with django_assert_max_num_queries(20) as short:
        api.get("/api/jobs")
    for _ in range(19):
        start(files=["a.txt"])
    with django_assert_max_num_queries(len(short)):
        assert len(api.get("/api/jobs").body["jobs"]) == 20


@pytest.mark.django_db(transaction=True)
def test_many_waiting_jobs_need_as_many_queries_as_one(
    api: Caller,
    start: Start,
    cluster: Cluster,
    django_assert_max_num_queries: Callable[..., CaptureQueriesContext],
):
    FakeWorker(start()).start()
    start()
    with django_assert_max_num_queries(20) as short:
        found = api.get("/api/jobs").body["jobs"]
    assert found[0]["notice"] == "Waiting behind Slow (5 left)"
    for _ in range(10):
        start()
    with django_assert_max_num_queries(len(short)):
        assert len(api.get("/api/jobs").body["jobs"]) == 12


def test_an_unchanged_list_is_not_sent_again(api: Caller, start: Start):
    job = start()
    first = api.get("/api/jobs")
    again = api.get("/api/jobs", If_None_Match=first.headers["ETag"])
    assert (again.status, again.body) == (304, None)
    api.post(f"/api/jobs/{job.pk}/cancel")
    changed = api.get("/api/jobs", If_None_Match=first.headers["ETag"])
    assert changed.body["jobs"][0]["status"] == "cancelled"


@pytest.mark.django_db
@pytest.mark.usefixtures("cluster")
@pytest.mark.parametrize(
    ("since", "usual", "end"),
    [(40, 2, "has been running for 40 s where 2 s is usual"), (15, 2, None), (40, 0, None)],
)
def test_item_that_takes_unusually_long_is_in_the_notice(
    api: Caller, since: float, usual: float, end: str | None
):
    job = factories.make_job("processing", running=1, left=5)
    job.leases.update(current_since=time.time() - since, item_seconds=usual)
    notice = api.get(f"/api/jobs/{job.pk}").body["notice"]
    assert notice == (f"“file-000000.txt” {end}" if end else None)
