"""Leases: how many workers get one, who holds it, and what the next holder inherits."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from jobs.lifecycle import leases
from jobs.models import Lease
from jobs.states import RUNNABLE, JobStatus
from tests.support.worker import acquire, release


@pytest.mark.parametrize("status", JobStatus)
def test_only_a_runnable_job_has_leases_and_the_first_one_begins_it(make_job, status):
    job = make_job(status)
    assert (acquire(job) is not None) == (status in RUNNABLE)
    job.refresh_from_db()
    assert job.status == ("processing" if status in RUNNABLE else status)
    assert (job.started_at is not None) == (status == "queued")


def test_an_unprepared_job_has_one_lease_and_stays_queued(make_job):
    job = make_job(prepared=False, items=0)
    lease = acquire(job)
    assert acquire(job) is None
    job.refresh_from_db()
    assert job.status == "queued"
    release(lease)
    assert acquire(job) is not None


def test_a_released_slot_makes_room_under_the_limit_of_the_job(make_job):
    job = make_job(max_workers=1)
    lease = acquire(job)
    assert acquire(job) is None
    release(lease)
    assert acquire(job).pk == lease.pk


def test_the_limit_of_an_operation_counts_the_leases_of_all_its_jobs(make_job):
    job, same, other = make_job(), make_job(), make_job(operation="noop")
    lease = acquire(job, operation_limit=1)
    assert acquire(same, operation_limit=1) is None
    assert acquire(other, operation_limit=1) is not None
    release(lease)
    assert acquire(same, operation_limit=1) is not None


def test_a_reused_slot_keeps_its_counters_and_gets_a_new_token(make_job):
    job = make_job()
    first = acquire(job)
    Lease.objects.filter(pk=first.pk).update(succeeded=4, sequence=4, fenced=True, heartbeats=9)
    release(first)
    again = acquire(job)
    assert (again.pk, again.slot, again.succeeded, again.sequence) == (first.pk, 1, 4, 4)
    assert again.holder != first.holder
    assert (again.fenced, again.heartbeats) == (False, 0)
    assert acquire(job).slot == 2


def test_only_the_holder_renews_a_lease(make_job):
    lease = acquire(make_job())
    assert leases.renew(lease.holder)
    assert not leases.renew(lease.holder + 1)
    lease.refresh_from_db()
    assert lease.heartbeats == 1
    release(lease)
    assert not leases.renew(lease.holder)


def test_concurrent_workers_never_exceed_the_limit_of_the_job(make_job):
    job = make_job(max_workers=2)
    barrier = threading.Barrier(8)

    def take(_):
        barrier.wait(30)
        try:
            return acquire(job)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(take, range(8)))
    assert sum(lease is not None for lease in found) == 2
    assert sorted(job.leases.values_list("slot", flat=True)) == [1, 2]
