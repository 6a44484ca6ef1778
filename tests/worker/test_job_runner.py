"""The job runner: results before a slow item are written by its second thread, once."""

import pytest
from django.db import OperationalError

from jobs import operations
from jobs.backends import dedicated_connection, job_totals
from jobs.operations import ItemFailed, Result
from jobs.worker.job_runner import JobRunner
from jobs.worker.journal import Journal
from jobs.worker.performer import Performer
from jobs.worker.scoreboard import Scoreboard
from tests.support.factories import make_waiting_job
from tests.support.worker import acquire


@pytest.fixture
def runner(module_database):
    job = make_waiting_job(8, status="processing", operation="noop")
    connection = dedicated_connection()
    performer = Performer(operations.get("noop"), {}, str(job.pk))
    made = JobRunner(job, acquire(job), performer, Scoreboard(), Journal(), connection)
    yield made
    made.close()
    connection.close()
    job.delete()


def counted(count):
    return Result(totals={"bytes": count})


@pytest.mark.parametrize("times", [1, 2])
def test_a_flush_whose_answer_was_lost_is_written_once(runner, monkeypatch, times):
    monkeypatch.setattr(runner.performer.operation, "process", lambda *_: counted(2))
    runner.sizer.size = 5
    runner.begin()
    runner.step()
    runner.step()
    flush = runner.store.flush
    lost = iter(range(times))

    def flush_and_lose(*arguments):
        flush(*arguments)
        if next(lost, None) is not None:
            # as it was before
            runner.store.sequence, runner.store.claimed_range, runner.store.totals = 0, (0, 4), {}
            raise OperationalError("the connection was lost")

    monkeypatch.setattr(runner.store, "flush", flush_and_lose)
    monkeypatch.setattr(runner, "current_since", 0.0)
    for _ in range(times):
        runner.flush_if_slow()
    while runner.step():
        continue
    runner.finish()
    items = runner.job.items.order_by("position").values_list("status", "attempts")
    assert list(items) == [("succeeded", 1)] * 8
    totals = job_totals([runner.job.pk])[runner.job.pk]
    assert (totals.succeeded, totals.by_name) == (8, {"bytes": 16})


def fail(item, parameters):
    raise ItemFailed("This file is broken", finding=True)


@pytest.fixture
def two_failures(runner, monkeypatch):
    """A runner in the middle of a batch with two failures, of a job that may have one."""
    runner.job.failure_limit = 1
    runner.job.save()
    runner.sizer.size = 5
    runner.begin()
    with monkeypatch.context() as patch:
        patch.setattr(runner.performer.operation, "process", fail)
        runner.step()
        runner.step()
    assert len(runner.finished) == 2
    return runner


def status(runner):
    runner.job.refresh_from_db()
    return runner.job.status


def test_failures_flushed_before_a_slow_item_fail_the_job_when_the_item_finishes(
    two_failures, monkeypatch
):
    monkeypatch.setattr(two_failures, "current_since", 0.0)
    two_failures.flush_if_slow()
    assert status(two_failures) == "processing"
    two_failures.step()
    assert status(two_failures) == "failed"


def test_failures_of_an_unfinished_batch_fail_the_job_at_the_end_of_the_time_slice(two_failures):
    two_failures.finish()
    assert status(two_failures) == "failed"
