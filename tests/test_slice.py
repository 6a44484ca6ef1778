"""The second thread of a slice, which writes what has ended before a slow item."""

import pytest
from django.db import OperationalError

from jobs import operations
from jobs.ledger import own_connection
from jobs.models import Lease
from jobs.operations import ItemFailed
from jobs.processes import ProcessIdentity
from jobs.runner.board import Board
from jobs.runner.journal import Journal
from jobs.runner.perform import Performer
from jobs.runner.slice import Slice
from tests.support import rows
from tests.support.inprocess import with_test_operations

SOMEBODY = ProcessIdentity("elsewhere", 1, 1.0)


@pytest.fixture
def work(module_database):
    job = rows.job("processing", left=8, operation="noop")
    lease = Lease.objects.acquire(
        job.pk, host="host", warden=SOMEBODY, executor=SOMEBODY, cluster_pid=1
    )
    connection = own_connection()
    with with_test_operations():
        performer = Performer(operations.get("noop"), {}, str(job.pk))
        made = Slice(job, lease, performer, Board(), Journal(), connection)
        yield made
    made.close()
    connection.close()
    job.delete()


@pytest.mark.parametrize("times", [1, 2])
def test_a_write_whose_answer_was_lost_is_not_made_twice(work, monkeypatch, times):
    work.pace.want = 5
    work.begin()
    work.step()
    work.step()
    flush = work.ledger.flush
    lost = iter(range(times))

    def flush_and_lose(*arguments):
        flush(*arguments)
        if next(lost, None) is not None:
            work.ledger.sequence, work.ledger.span = 0, (0, 4)  # as it was before
            raise OperationalError("the connection was lost")

    monkeypatch.setattr(work.ledger, "flush", flush_and_lose)
    monkeypatch.setattr(work, "current_since", 0.0)
    for _ in range(times):
        work.write_if_slow()
    while work.step():
        continue
    work.finish()
    items = work.job.items.order_by("position").values_list("status", "attempts")
    assert list(items) == [("succeeded", 1)] * 8
    assert Lease.objects.tally([work.job.pk])[work.job.pk]["succeeded"] == 8


def fail(item, parameters):
    raise ItemFailed("This file is broken", finding=True)


@pytest.fixture
def two_failures(work, monkeypatch):
    """Of a job that may have one, in the middle of a group."""
    work.job.failure_limit = 1
    work.job.save()
    work.pace.want = 5
    work.begin()
    with monkeypatch.context() as patch:
        patch.setattr(work.performer.operation, "process", fail)
        work.step()
        work.step()
    assert len(work.ended) == 2
    return work


def status(work):
    work.job.refresh_from_db()
    return work.job.status


def test_failures_written_before_a_slow_item_count_when_it_has_ended(two_failures, monkeypatch):
    monkeypatch.setattr(two_failures, "current_since", 0.0)
    two_failures.write_if_slow()
    assert status(two_failures) == "processing"
    two_failures.step()
    assert status(two_failures) == "failed"


def test_failures_of_a_group_count_when_the_slice_ends_in_its_middle(two_failures):
    two_failures.finish()
    assert status(two_failures) == "failed"
