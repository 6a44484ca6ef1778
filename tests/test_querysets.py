"""Which job a worker goes to, and how many may work on one."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from jobs import operations
from jobs.leases import Verdict
from jobs.models import Job, Lease
from jobs.processes import ProcessIdentity
from jobs.states import JobStatus
from tests.support.rows import waiting_job

SOMEBODY = ProcessIdentity("elsewhere", 1, 1.0)


@pytest.fixture
def make_job(module_database):
    made = []

    def make(status="queued", *, items=2, **fields):
        made.append(waiting_job(items, status=status, **fields))
        return made[-1]

    yield make
    for job in made:
        job.delete()


def acquire(job, **more):
    return Lease.objects.acquire(
        job.pk, host="host", warden=SOMEBODY, executor=SOMEBODY, cluster_pid=1, **more
    )


def give_back(lease):
    return Lease.objects.give_back(lease.pk, lease.holder, Verdict())


def with_work():
    found = list(Job.objects.with_work())
    assert Job.objects.first_with_work() == found, "the statement that is made once agrees"
    return found


def test_the_job_with_the_fewest_workers_comes_first_then_the_oldest(make_job):
    first, second, third = make_job(), make_job(), make_job()
    assert with_work() == [first, second, third]
    acquire(first)
    assert with_work() == [second, third, first]
    acquire(second)
    acquire(second)
    assert with_work() == [third, first, second]


def test_among_equals_the_one_that_was_served_longest_ago_comes_first(make_job):
    first, second = make_job(), make_job()
    for job, minutes in ((first, 1), (second, 2)):
        lease = acquire(job)
        give_back(lease)
        long_ago = timezone.now() - timedelta(minutes=minutes)
        Lease.objects.filter(pk=lease.pk).update(held_since=long_ago)
    assert with_work() == [second, first]
    never_served = make_job()
    assert with_work() == [never_served, second, first]


@pytest.mark.parametrize("status", JobStatus)
def test_only_runnable_jobs_have_work_and_places(make_job, status):
    job = make_job(status)
    runnable = status in ("queued", "processing")
    assert with_work() == ([job] if runnable else [])
    assert (acquire(job) is not None) == runnable
    job.refresh_from_db()
    assert job.status == ("processing" if runnable else status)


def test_a_job_without_a_free_item_needs_nobody(make_job):
    job = make_job()
    job.items.filter(position=0).update(status="succeeded")
    assert with_work() == [job]
    job.items.filter(position=1).update(claim=5)
    assert with_work() == []


def test_a_job_that_is_not_prepared_has_one_place(make_job):
    job = make_job(prepared=False, items=0)
    assert with_work() == [job]
    preparing = acquire(job)
    assert with_work() == []
    assert acquire(job) is None
    job.refresh_from_db()
    assert job.status == "queued"
    give_back(preparing)
    assert with_work() == [job]


def test_the_limit_of_the_job(make_job):
    job = make_job(max_workers=1)
    lease = acquire(job)
    assert with_work() == []
    assert acquire(job) is None
    give_back(lease)
    assert acquire(job).pk == lease.pk


def test_the_limit_of_the_operation_counts_all_its_jobs(make_job):
    job, same, other = make_job(), make_job(), make_job(operation="noop")
    lease = acquire(job, operation_limit=1)
    assert acquire(same, operation_limit=1) is None
    assert acquire(other, operation_limit=1) is not None
    give_back(lease)
    assert acquire(same, operation_limit=1) is not None


def test_no_job_of_an_operation_that_has_all_its_workers_needs_one(make_job):
    first, second = make_job(operation="act-alone"), make_job(operation="act-alone")
    other = make_job()
    lease = acquire(first, operation_limit=1)
    assert with_work() == [other]
    assert list(Job.objects.with_work(leaving="act-alone")) == [second, other, first]
    assert list(Job.objects.with_work(leaving="act")) == [other]
    give_back(lease)
    assert with_work() == [second, other, first]
    acquire(second, operation_limit=1)
    second.leases.update(fenced=True)
    assert with_work() == [other, first, second]


def test_limits_are_not_asked_for_where_no_operation_has_one(make_job, monkeypatch):
    assert "WHEN" in str(Job.objects.with_work().query)
    monkeypatch.setattr(operations, "worker_limits", dict)
    assert "WHEN" not in str(Job.objects.with_work().query)


def test_a_place_is_used_again_with_its_counts_and_a_new_token(make_job):
    job = make_job()
    first = acquire(job)
    Lease.objects.filter(pk=first.pk).update(succeeded=4, sequence=4, fenced=True, beat=9)
    give_back(first)
    again = acquire(job)
    assert (again.pk, again.number, again.succeeded, again.sequence) == (first.pk, 1, 4, 4)
    assert again.holder != first.holder
    assert not again.fenced
    assert again.beat == 0
    assert acquire(job).number == 2


def test_life_is_shown_by_the_holder_only(make_job):
    lease = acquire(make_job())
    assert Lease.objects.heartbeat(lease.holder)
    assert not Lease.objects.heartbeat(lease.holder + 1)
    lease.refresh_from_db()
    assert lease.beat == 1
    give_back(lease)
    assert not Lease.objects.heartbeat(lease.holder)


@pytest.mark.parametrize("limit", ["max_workers", "operation_limit"])
def test_many_at_once_never_exceed_a_limit(make_job, limit):
    job = make_job(max_workers=2 if limit == "max_workers" else None)
    barrier = threading.Barrier(8)

    def take():
        barrier.wait(30)
        try:
            return acquire(job, operation_limit=2 if limit == "operation_limit" else None)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        found = [future.result() for future in [pool.submit(take) for _ in range(8)]]
    assert sum(lease is not None for lease in found) == 2
    assert sorted(job.leases.values_list("number", flat=True)) == [1, 2]


def test_a_job_is_completed_once_and_only_when_nothing_is_open(make_job):
    job = make_job()
    assert not Job.objects.complete_if_done(job.pk)
    job.items.filter(position=0).update(status="failed")
    job.items.filter(position=1).update(status="processing")
    assert not Job.objects.complete_if_done(job.pk)
    job.items.filter(position=1).update(status="skipped")
    lease = acquire(job)
    assert not Job.objects.complete_if_done(job.pk)
    Lease.objects.give_back(lease.pk, lease.holder, Verdict())
    assert Job.objects.complete_if_done(job.pk)
    assert not Job.objects.complete_if_done(job.pk)
    job.refresh_from_db()
    assert job.status == "completed"
    assert job.finished_at is not None
