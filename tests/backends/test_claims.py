"""Claims: which items a worker gets, in which order, and that no other worker gets them."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.db import connection

from jobs.backends import LeaseStore, dedicated_connection
from jobs.models import LibraryFile, Outcome
from jobs.states import ItemStatus
from tests.backends.contract import covers
from tests.support.factories import set_outcomes
from tests.support.worker import FakeWorker, finished


def positions(items):
    return [item.position for item in items]


def claim(worker, after, size):
    with worker.store.transaction():
        return worker.store.claim(after, size)


def test_a_store_knows_its_lease_and_operation(worker):
    store = worker.store
    assert (store.lease_id, store.token) == (worker.lease.pk, worker.lease.holder)
    assert (store.job_id, store.slot, store.operation) == (worker.job.pk, 1, "act")
    assert (store.sequence, store.claimed_range, store.claimed_count) == (0, None, 0)


@covers(LeaseStore.claim, LeaseStore.transaction)
def test_a_claim_takes_the_next_free_pending_items_above_a_position(job, worker):
    job.items.filter(position=6).update(status="succeeded")
    job.items.filter(position=7).update(lease_token=5)
    claimed = claim(worker, 4, 3)
    assert sorted(positions(claimed)) == [5, 8, 9]
    rows = {row.position: row for row in job.items.filter(lease_token=worker.lease.token)}
    assert {
        item.position: (item.id, item.key, item.attempts, item.file_id) for item in claimed
    } == {position: (row.pk, row.key, row.attempts, row.file_id) for position, row in rows.items()}


@covers(LeaseStore.claim)
@pytest.mark.parametrize(("size", "status"), [(1, "processing"), (2, "pending")])
def test_a_single_claimed_item_becomes_processing_and_a_batch_stays_pending(
    job, worker, size, status
):
    claim(worker, -1, size)
    first = job.items.get(position=0)
    assert (first.status, first.started_at is not None) == (status, size == 1)


@covers(LeaseStore.transaction)
def test_a_transaction_is_rolled_back_on_any_exception(job, worker):
    with suppress(KeyboardInterrupt), worker.store.transaction():
        worker.store.claim(-1, 3)
        raise KeyboardInterrupt
    assert not job.items.filter(lease_token__isnull=False).exists()
    assert len(claim(worker, -1, 3)) == 3


@covers(LeaseStore.claimed_items)
def test_claimed_items_are_those_of_this_lease_in_order(job, worker):
    claim(worker, 1, 4)
    job.items.filter(position=3).update(lease_token=5)
    with worker.store.transaction():
        assert positions(worker.store.claimed_items(0, 4)) == [2, 4]


@covers(LeaseStore.finish_and_claim)
def test_batches_follow_the_order_of_the_job(worker):
    first = worker.finish_and_claim(size=3)
    assert positions(first) == [0, 1, 2]
    assert positions(worker.finish_and_claim(*map(finished, first), size=2)) == [3, 4]


@covers(LeaseStore.finish_and_claim)
def test_unstarted_items_of_a_batch_are_claimed_first(worker):
    first = worker.finish_and_claim(size=5)
    assert positions(worker.finish_and_claim(finished(first[0]), size=3)) == [1, 2, 3]


@covers(LeaseStore.finish_and_claim)
def test_items_released_by_another_worker_are_found_after_the_last_item(job):
    one, other = FakeWorker(job), FakeWorker(job)
    held = one.finish_and_claim(size=5)
    rest = other.finish_and_claim(size=20)
    assert positions(rest) == list(range(5, 20))
    one.finish_and_claim(finished(held[0]), size=0)
    assert positions(other.finish_and_claim(*map(finished, rest), size=20)) == [1, 2, 3, 4]


@covers(LeaseStore.finish_and_claim)
def test_only_the_lease_row_names_the_running_item_of_a_batch(job, worker):
    (single,) = worker.finish_and_claim(size=1)
    assert job.leases.get().current_item == single.id
    batch = worker.finish_and_claim(finished(single), size=3)
    lease = job.leases.get()
    assert job.items.get(position=1).status == ItemStatus.PENDING
    assert (lease.current_item, lease.first_position, lease.last_position) == (batch[0].id, 1, 3)


@covers(LeaseStore.load_remembered)
def test_a_remembered_value_comes_back_and_other_operations_keep_theirs(make_job):
    worker = FakeWorker(make_job(), remembers=True)
    (item,) = worker.finish_and_claim()
    assert item.previous is None
    files = LibraryFile.objects.filter(pk=item.file_id)
    set_outcomes(files, operation="other", memory={"kept": True})
    worker.finish_and_claim(finished(item, remember='{"sum": "é\\"1"}'), size=0)
    memories = Outcome.objects.filter(file=item.file_id).values_list("operation", "memory")
    assert dict(memories) == {"other": {"kept": True}, "act": {"sum": 'é"1'}}
    (item,) = FakeWorker(make_job(), remembers=True).finish_and_claim()
    assert item.previous == {"sum": 'é"1'}


def run_all(job):
    """Run all items that are free, in batches of three, in this thread; their positions."""
    own = dedicated_connection()
    try:
        worker, done = FakeWorker(job, connection=own), []
        items = worker.finish_and_claim(size=3)
        while items:
            done += positions(items)
            items = worker.finish_and_claim(*map(finished, items), size=3)
        worker.store.close()
        return done
    finally:
        own.close()
        connection.close()


def run_at_once(*jobs):
    barrier = threading.Barrier(len(jobs))

    def run(job):
        barrier.wait(30)
        return run_all(job)

    with ThreadPoolExecutor(len(jobs)) as pool:
        return list(pool.map(run, jobs))


@covers(LeaseStore.claim)
def test_concurrent_workers_never_claim_the_same_item(job):
    found = run_at_once(*[job] * 4)
    assert sorted(position for done in found for position in done) == list(range(20))
    sums = job.leases.values_list("succeeded", "sequence")
    assert [sum(column) for column in zip(*sums, strict=True)] == [20, 20]


@covers(LeaseStore.write_finished)
def test_two_jobs_over_the_same_files_in_opposite_order_do_not_deadlock(make_job):
    for _ in range(3):
        found = run_at_once(make_job(), make_job(-1))
        assert [sorted(done) for done in found] == [list(range(20))] * 2
