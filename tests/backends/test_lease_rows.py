"""Lease rows for readers and sweeps: totals, limits, and what a released lease leaves behind."""

import threading
from concurrent.futures import ThreadPoolExecutor
from time import time

import pytest
from django.db import connection, transaction

from jobs.backends import Backend, Gauges, JobTotals, current, job_totals
from jobs.lifecycle import leases, transitions
from jobs.models import Lease
from tests.backends.contract import covers
from tests.support.factories import make_lease
from tests.support.worker import FakeWorker, acquire, finished, release


def counted(rows):
    return sum(lease.succeeded + lease.batch_succeeded for lease in rows)


def release_all(worker, items):
    worker.finish_and_claim(*map(finished, items), size=0)
    worker.leave()


def finish_and_fence(worker, items):
    worker.finish_and_claim(*map(finished, items[:2]), size=2)
    with transaction.atomic():
        transitions.fence(worker.job.pk)


@covers(Backend.refresh)
@pytest.mark.parametrize("change", [release_all, finish_and_fence])
def test_counters_do_not_decrease_when_a_lease_changes_while_it_is_read(job, worker, change):
    items = worker.finish_and_claim(size=3)
    assert worker.store.start(items[1], 1, 0, time())
    before = counted(current().refresh(lambda: list(job.leases.all())))
    changes = [change]

    def read():
        found = list(job.leases.all())
        if changes:
            changes.pop()(worker, items)
        return found

    assert counted(current().refresh(read)) >= before == 1


@covers(Backend.refresh)
def test_totals_sum_up_all_slots_of_each_job(make_job):
    busy, idle, gone = make_job(), make_job(), make_job()
    make_lease(busy, 3, succeeded=4, failed=1, sequence=5)
    Lease.objects.filter(job=busy).update(totals='{"bytes": 5, "sounds": 2}')
    one, other = FakeWorker(busy), FakeWorker(busy)
    broken = finished(one.finish_and_claim()[0], "broken")
    (first,) = one.store.finish_and_claim([broken], 1, Gauges(rate=2.0, item_seconds=0.5))
    (second,) = other.finish_and_claim()
    (second,) = other.finish_and_claim(finished(second, totals={"bytes": 2.5}))
    found = job_totals([busy.pk, idle.pk])
    assert set(found) == {busy.pk, idle.pk}
    assert gone.pk not in found
    assert found[idle.pk] == JobTotals()
    totals = found[busy.pk]
    assert (totals.succeeded, totals.failed) == (5, 2)
    assert totals.by_name == {"bytes": 7.5, "sounds": 2}
    assert (totals.in_flight, totals.workers) == (2, 2)
    assert (totals.rate, totals.item_seconds) == (4.0, 0.5)
    assert [key for key, _ in totals.running] == [first.key, second.key]
    assert totals.slots == {3: 6, 4: 1}
    assert job_totals([]) == {}


def test_a_released_lease_may_be_discarded_again(job, worker):
    worker.start()
    release(worker.lease)
    current().gates.discard(worker.lease.holder)
    assert FakeWorker(job).start() == "file 00"


@covers(Backend.clean_up)
def test_a_clean_up_leaves_held_leases_able_to_start(job, worker):
    items = worker.finish_and_claim(size=2)
    current().clean_up({worker.lease.holder}, older_than_seconds=0.0)
    assert worker.store.start(items[1], 1, 0, time())


@covers(Backend.clean_up)
def test_after_a_clean_up_without_its_token_a_worker_is_still_fenced(job, worker):
    worker.finish_and_claim(size=2)
    current().clean_up((), older_than_seconds=-60.0)
    items = worker.finish_and_claim(size=3)
    Lease.objects.filter(pk=worker.lease.pk).update(fenced=True)
    current().fence(job.leases.all())
    assert not worker.store.start(items[1], 1, 0, time())


@covers(Backend.lock_count)
def test_concurrent_workers_of_several_jobs_never_exceed_the_limit_of_the_operation(make_job):
    jobs = [make_job() for _ in range(4)]
    barrier = threading.Barrier(8)

    def take(number):
        barrier.wait(30)
        try:
            return acquire(jobs[number % 4], operation_limit=2)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(take, range(8)))
    assert sum(lease is not None for lease in found) == 2


@covers(Backend.begin_sweep)
def test_a_sweep_begins_outside_of_a_transaction_and_lets_workers_write(worker):
    current().begin_sweep()
    assert not connection.in_atomic_block
    assert leases.renew(worker.lease.holder)


def test_a_backend_says_whether_its_workers_may_be_on_several_machines(module_database):
    assert current().spans_machines is (module_database != "sqlite")
