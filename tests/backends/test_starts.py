"""Starts and fences: no item starts once a fence is committed."""

from time import time

import pytest
from django.db import OperationalError, connection, transaction

from jobs.backends import Backend, LeaseStore, current, job_totals, live_leases
from jobs.lifecycle import transitions
from jobs.models import Lease
from tests.backends.contract import covers
from tests.support.worker import FakeWorker, finished, release, stalled_start


def totals(job):
    return job_totals([job.pk])[job.pk]


def fence(job):
    with transaction.atomic():
        transitions.fence(job.pk)


@transaction.atomic
def fence_soon(job):
    """As a sweep does: it must not wait for long."""
    current().limit_lock_wait()
    transitions.fence(job.pk)


@pytest.fixture
def batch(worker):
    """Three items are claimed; the first has succeeded, the second is running."""
    items = worker.finish_and_claim(size=3)
    assert worker.store.start(items[1], 1, 0, time())
    return items


@covers(LeaseStore.start, Backend.refresh)
def test_a_started_item_and_the_finished_ones_of_its_batch_are_visible_at_once(job, batch):
    found = totals(job)
    assert (found.succeeded, found.failed, found.in_flight) == (1, 0, 1)
    ((key, seconds),) = found.running
    assert key == batch[1].key
    assert 0 <= seconds < 60
    (live,) = live_leases(Lease.objects.held())
    assert (live.current_item, live.batch_succeeded) == (batch[1].id, 1)


@covers(LeaseStore.start)
def test_a_repeated_start_succeeds_and_counts_once(job, worker, batch):
    assert worker.store.start(batch[2], 1, 1, time())
    assert worker.store.start(batch[2], 1, 1, time())
    found = totals(job)
    assert (found.succeeded, found.failed, found.in_flight) == (1, 1, 1)


@covers(LeaseStore.open_gate)
def test_written_results_are_not_counted_twice(job, worker, batch):
    worker.finish_and_claim(*map(finished, batch[:2]), size=2)
    found = totals(job)
    assert (found.succeeded, found.in_flight) == (2, 1)


@covers(Backend.fence, LeaseStore.start, LeaseStore.lock_lease)
def test_a_fenced_lease_starts_and_claims_nothing_but_writes_its_results(job, worker, batch):
    fence(job)
    row = job.leases.get()
    assert (row.fenced, row.current_item, row.batch_succeeded) == (True, batch[1].id, 1)
    assert not worker.store.start(batch[2], 2, 0, time())
    assert totals(job).succeeded == 1
    assert worker.finish_and_claim(*map(finished, batch[:2]), size=3) == []
    found = totals(job)
    assert (found.succeeded, found.in_flight) == (2, 0)
    assert not job.items.filter(lease_token__isnull=False).exists()


@covers(Backend.fence)
def test_a_fence_before_the_first_claim_prevents_it(job, worker):
    fence(job)
    assert worker.finish_and_claim(size=3) == []


@covers(Backend.fence)
def test_a_rolled_back_fence_is_lifted_by_the_next_claim(job, worker, batch):
    with transaction.atomic():
        transitions.fence(job.pk)
        transaction.set_rollback(True)
    items = worker.finish_and_claim(*map(finished, batch[:2]), size=3)
    assert worker.store.start(items[1], 1, 0, time())
    assert totals(job).succeeded == 3


def test_a_fence_reports_the_item_that_a_dead_worker_ran(job, worker, batch):
    released = worker.die()
    assert released.item.pk == batch[1].id
    assert list(job.items.filter(attempts=1).values_list("pk", flat=True)) == [batch[1].id]


@covers(LeaseStore.start)
def test_a_released_lease_starts_nothing(job, worker, batch):
    release(worker.lease)
    FakeWorker(job).start()
    assert not worker.store.start(batch[2], 2, 0, time())


@covers(Backend.limit_lock_wait, Backend.is_lock_timeout)
def test_a_fence_gives_up_on_a_worker_that_stands_still_in_a_start(job, worker, batch):
    with stalled_start(worker.store):
        with pytest.raises(OperationalError) as caught:
            fence_soon(job)
        assert current().is_lock_timeout(caught.value)
        assert not connection.in_atomic_block
    fence(job)
    assert job.leases.get().fenced


@covers(Backend.is_lock_timeout)
def test_an_error_of_another_kind_is_no_lock_timeout(module_database):
    assert not current().is_lock_timeout(OperationalError("the disk is full"))
