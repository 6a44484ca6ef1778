"""Scheduling: which job gets the next worker."""

import time
from datetime import timedelta

import pytest
from django.contrib.auth import get_user_model
from django.utils import timezone

from jobs import operations
from jobs.lifecycle import scheduling
from jobs.models import Lease, Turn
from jobs.processes import clock
from jobs.states import RUNNABLE, JobStatus
from tests.support.worker import acquire, release


def needing_workers():
    found = list(scheduling.needing_workers())
    assert list(scheduling.next_jobs()) == found, "the compiled statement agrees"
    return found


def next_job():
    return next(scheduling.next_jobs())


@pytest.fixture
def people(module_database):
    """Two people, and None, who stands for everybody who is not logged in."""
    users = [get_user_model().objects.create(username=name) for name in ("anna", "bert")]
    yield [*users, None]
    Turn.objects.all().delete()
    for user in users:
        user.delete()


@pytest.mark.parametrize(("busy", "other"), [(0, 1), (0, 2), (2, 0)])
def test_a_job_of_another_person_comes_before_120_older_jobs_of_one(make_job, people, busy, other):
    many = [make_job(created_by=people[busy], items=1) for _ in range(120)]
    lease = acquire(many[0])
    one = make_job(created_by=people[other], items=1)
    assert next_job() == one
    release(lease)
    assert next_job() == one, "the other person was served longest ago"
    release(acquire(one))
    assert next_job() == many[1]


def test_a_person_whose_job_has_finished_was_served_nevertheless(make_job, people):
    first, long = make_job(created_by=people[0]), make_job(created_by=people[1])
    second = make_job(created_by=people[0])
    release(acquire(long))
    release(acquire(first))
    first.items.update(status="succeeded")
    assert list(scheduling.next_jobs()) == [long, second]


@pytest.fixture
def set_clock(monkeypatch):
    """`set_clock(seconds)` sets the clock of this machine to now plus these seconds."""
    real = time.time

    def to(seconds):
        monkeypatch.setattr(time, "time", lambda: real() + seconds)
        clock.set_date()

    yield to
    monkeypatch.undo()
    clock.set_date()


def test_persons_take_turns_after_a_clock_was_two_hours_ahead(make_job, people, set_clock):
    first, second = make_job(created_by=people[0]), make_job(created_by=people[1])
    set_clock(7200)
    release(acquire(first))
    set_clock(0)
    served = []
    for _ in range(4):
        served.append(next_job())
        release(acquire(served[-1]))
    assert served == [second, first, second, first]


def test_jobs_of_a_person_take_turns_after_a_clock_was_two_hours_ahead(make_job, people, set_clock):
    first, second = make_job(created_by=people[0]), make_job(created_by=people[0])
    set_clock(7200)
    release(acquire(first))
    set_clock(0)
    served = []
    for _ in range(4):
        served.append(next_job())
        release(acquire(served[-1]))
    assert served == [second, first, second, first]
    acquired_at = second.leases.get().acquired_at
    assert abs(acquired_at - timezone.now()) < timedelta(minutes=1), "people read it"


def test_a_worker_leaves_for_a_person_without_one(make_job, people):
    mine, mine_too = make_job(created_by=people[0]), make_job(created_by=people[0])
    acquire(mine)
    acquire(mine_too)
    assert not scheduling.is_needed_elsewhere(mine)
    make_job(created_by=people[1])
    assert scheduling.is_needed_elsewhere(mine)


def test_a_worker_stays_while_persons_have_equally_many(make_job, people):
    one, other = make_job(created_by=people[0]), make_job(created_by=people[1])
    for job in (one, other):
        acquire(job)
    assert not scheduling.is_needed_elsewhere(one)
    acquire(one)
    assert not scheduling.is_needed_elsewhere(one), "it would only change sides"
    acquire(one)
    assert scheduling.is_needed_elsewhere(one)
    assert not scheduling.is_needed_elsewhere(other)


def test_a_worker_leaves_for_another_job_of_its_person_where_the_others_have_theirs(
    make_job, people
):
    mine, other = make_job(created_by=people[0]), make_job(created_by=people[1])
    acquire(mine)
    acquire(other)
    make_job(created_by=people[0])
    assert scheduling.is_needed_elsewhere(mine)
    assert not scheduling.is_needed_elsewhere(other)


def test_the_job_with_the_fewest_workers_comes_first_then_the_oldest(make_job):
    first, second, third = make_job(), make_job(), make_job()
    assert needing_workers() == [first, second, third]
    acquire(first)
    assert needing_workers() == [second, third, first]
    acquire(second)
    acquire(second)
    assert needing_workers() == [third, first, second]


def test_of_jobs_with_equally_many_workers_the_one_served_longest_ago_comes_first(make_job):
    first, second = make_job(), make_job()
    for job, minutes in ((first, 1), (second, 2)):
        lease = acquire(job)
        release(lease)
        long_ago = timezone.now() - timedelta(minutes=minutes)
        Lease.objects.filter(pk=lease.pk).update(served_at=long_ago)
    assert needing_workers() == [second, first]
    never_served = make_job()
    assert needing_workers() == [never_served, second, first]


@pytest.mark.parametrize("status", JobStatus)
def test_only_a_runnable_job_needs_a_worker(make_job, status):
    job = make_job(status)
    assert needing_workers() == ([job] if status in RUNNABLE else [])


def test_a_job_without_a_free_item_needs_no_worker(make_job):
    job = make_job()
    job.items.filter(position=0).update(status="succeeded")
    assert needing_workers() == [job]
    assert scheduling.any_job_needs_worker()
    job.items.filter(position=1).update(lease_token=5)
    assert needing_workers() == []
    assert not scheduling.any_job_needs_worker()


def test_an_unprepared_job_needs_one_worker(make_job):
    job = make_job(prepared=False, items=0)
    assert needing_workers() == [job]
    lease = acquire(job)
    assert needing_workers() == []
    release(lease)
    assert needing_workers() == [job]


def test_a_job_at_its_worker_limit_needs_no_worker(make_job):
    job = make_job(max_workers=1)
    lease = acquire(job)
    assert needing_workers() == []
    release(lease)
    assert needing_workers() == [job]


def test_no_job_of_an_operation_at_its_worker_limit_needs_a_worker(make_job):
    first, second = make_job(operation="act-alone"), make_job(operation="act-alone")
    other = make_job()
    lease = acquire(first, operation_limit=1)
    assert needing_workers() == [other]
    assert list(scheduling.needing_workers(leaving="act-alone")) == [second, other, first]
    assert list(scheduling.needing_workers(leaving="act")) == [other]
    release(lease)
    assert needing_workers() == [second, other, first]
    acquire(second, operation_limit=1)
    second.leases.update(fenced=True)
    assert needing_workers() == [other, first, second]


def test_the_query_has_no_worker_limits_where_no_operation_has_one(module_database, monkeypatch):
    assert "WHEN" in str(scheduling.needing_workers().query)
    monkeypatch.setattr(operations, "worker_limits", dict)
    assert "WHEN" not in str(scheduling.needing_workers().query)
