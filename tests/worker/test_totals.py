"""An operation's own numbers, from its results to the status object."""

import pytest

from jobs import operations
from jobs.backends import dedicated_connection
from jobs.models import Job
from jobs.operations import ItemFailed, Result
from jobs.progress import status_object
from jobs.services import Actor, retry_job
from jobs.worker.job_runner import JobRunner
from jobs.worker.journal import Journal
from jobs.worker.performer import Performer
from jobs.worker.scoreboard import Scoreboard
from tests.support.factories import make_waiting_job
from tests.support.worker import acquire, release


@pytest.fixture
def job(module_database):
    made = make_waiting_job(6, status="processing", operation="noop")
    yield made
    made.delete()


@pytest.fixture
def run(job, monkeypatch):
    """Runs what is left of the job, each item as `process` does."""
    connection = dedicated_connection()

    def run_with(process):
        operation = operations.get("noop")
        monkeypatch.setattr(operation, "process", process)
        lease = acquire(job)
        performer = Performer(operation, {}, str(job.pk))
        runner = JobRunner(job, lease, performer, Scoreboard(), Journal(), connection)
        runner.begin()
        while runner.step():
            continue
        runner.finish()
        runner.close()
        release(lease)
        return totals_of(job)

    yield run_with
    connection.close()


def totals_of(job):
    return status_object(Job.objects.get(pk=job.pk)).totals


def even_ones(item, parameters):
    if int(item.key) % 2:
        raise ItemFailed("It is odd", finding=True)
    return Result(totals={"even": 1, "sum": int(item.key)})


def test_totals_sum_up_succeeded_items_and_a_retry_adds_what_had_failed(job, run):
    assert run(even_ones) == {"even": 3, "sum": 6}
    Job.objects.filter(pk=job.pk).update(status="completed")
    retry_job(job.pk, actor=Actor())
    assert totals_of(job) == {"even": 3, "sum": 6}
    assert run(lambda item, _: Result(totals={"odd": 1, "sum": int(item.key)})) == {
        "even": 3,
        "sum": 15,
        "odd": 3,
    }


def test_operation_that_returns_no_totals_has_none(run):
    assert run(lambda item, _: {"a": 1}) == {}


def test_item_with_a_total_that_is_no_number_fails_and_counts_nothing(job, run):
    assert run(lambda item, _: Result(totals={"sum": "5"})) == {}
    assert job.items.first().message == "The total “sum” is not a number"
