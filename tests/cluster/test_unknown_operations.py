"""Jobs whose operation some or all workers do not know."""

from uuid import uuid4

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from jobs.cluster import unknown_operations
from jobs.cluster.unknown_operations import UnknownOperations
from jobs.models import Cluster, Job
from jobs.progress import status_object
from tests.support.factories import delete_jobs, make_waiting_job
from tests.support.worker import acquire, release

SENTENCE = (
    "No worker here knows the operation “new”, on host one, two. "
    "Give the workers the app or the OPERATIONS_FILE that has it"
)


@pytest.fixture(autouse=True)
def _no_rows(module_database):
    yield
    Cluster.objects.all().delete()
    delete_jobs(*Job.objects.all())


@pytest.fixture
def job():
    return make_waiting_job(2, operation="new")


@pytest.fixture
def clock(monkeypatch):
    """A list of one number: the monotonic seconds that the check sees."""
    now = [1000.0]
    monkeypatch.setattr(unknown_operations, "monotonic", lambda: now[0])
    return now


def make_cluster(host, *, operations=("act",)):
    return Cluster.objects.create(
        id=uuid4(), host=host, pid=1, size=1, status="Idle", started_at=timezone.now(),
        seen_at=Now(), operations=None if operations is None else list(operations),
    )  # fmt: skip


def notice(job):
    job.refresh_from_db()
    return status_object(job).notice


def test_the_notice_says_on_which_hosts_nobody_knows_the_operation(job):
    for host in ("two", "one", "two"):
        make_cluster(host)
    assert notice(job) == f"{SENTENCE}, or cancel the job."


@pytest.mark.parametrize("operations", [("act", "new"), None])
def test_one_cluster_that_knows_the_operation_or_does_not_report_is_enough(job, operations):
    make_cluster("one")
    make_cluster("two", operations=operations)
    assert notice(job) is None


def test_a_job_that_nobody_knows_for_long_is_paused_and_can_be_resumed(job, clock, settings):
    settings.JOBS_UNKNOWN_OPERATION_SECONDS = 600
    for host in ("one", "two"):
        make_cluster(host)
    watch = UnknownOperations()
    for seconds in (0, 300, 299):
        clock[0] += seconds
        watch.check()
        assert notice(job) == f"{SENTENCE}, or cancel the job."
    clock[0] += 2
    watch.check()
    assert notice(job) == f"{SENTENCE}, then resume the job."
    assert job.status == "paused"
    assert [(event.kind, event.source) for event in job.events.all()] == [("pause", "engine")]


@pytest.mark.parametrize("known_by", ["another cluster", "the worker that runs it", "nobody asks"])
def test_a_job_is_not_held_where_somebody_may_know_its_operation(job, clock, settings, known_by):
    make_cluster("one")
    if known_by == "another cluster":
        make_cluster("two", operations=("new",))
    elif known_by == "the worker that runs it":
        acquire(job)
    else:
        settings.JOBS_UNKNOWN_OPERATION_SECONDS = 0
    watch = UnknownOperations()
    for _ in range(3):
        watch.check()
        clock[0] += 10_000
    job.refresh_from_db()
    assert job.status in ("queued", "processing")


def test_the_time_begins_again_after_somebody_knew_the_operation(job, clock, settings):
    settings.JOBS_UNKNOWN_OPERATION_SECONDS = 600
    make_cluster("one")
    watch = UnknownOperations()
    watch.check()
    clock[0] += 500
    lease = acquire(job)
    watch.check()
    release(lease)
    clock[0] += 500
    watch.check()
    clock[0] += 500
    watch.check()
    job.refresh_from_db()
    assert job.status == "processing"
