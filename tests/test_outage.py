"""When a job is paused after equal errors or fails at its limit, whoever ends its items."""

import fcntl
import os
from time import monotonic, time

import pytest
from django.db import connection

from jobs import gates, services
from jobs.gates import files
from jobs.leases import Verdict
from jobs.ledger import Ended, Gauges, open_ledger
from jobs.models import Job, JobEvent, Lease
from jobs.outage import stop_if_hopeless
from jobs.processes import ProcessIdentity
from jobs.recovery import return_lease
from jobs.runner.journal import Journal, write_journal
from jobs.states import ItemStatus
from tests.support.rows import waiting_job

SOMEBODY = ProcessIdentity("elsewhere", 1, 1.0)
ME = services.Actor()
FULL = "No space left on device"
SLOW = "Took longer than 5 seconds, the limit of this operation, and was stopped"
OK = None
FINDING = ""


@pytest.fixture(autouse=True)
def pause_after_five(settings):
    settings.JOBS_EQUAL_ERRORS_PAUSE = 5


@pytest.fixture
def make_job(module_database):
    made = []

    def make(count=50, **fields):
        made.append(waiting_job(count, **fields))
        return made[-1]

    yield make
    for job in made:
        job.delete()


class Worker:
    """Holds a place; runs one item at a time, with the engine's ledger."""

    def __init__(self, job):
        self.job = job
        self.lease = Lease.objects.acquire(
            job.pk, host="host", warden=SOMEBODY, executor=SOMEBODY, cluster_pid=1
        )
        self.ledger = open_ledger(self.lease, operation="act", remembers=False)
        self.item = None
        self.turn([])

    def turn(self, ended, want=1):
        items = self.ledger.turn(ended, want, Gauges(rate=1.0 if ended else 0.0))
        self.item = items[0] if items else None

    def ended(self, error):
        status = ItemStatus.SUCCEEDED if error is OK else ItemStatus.FAILED
        return Ended(self.item, status, "", None, time(), time(), error=error or None)

    def end(self, *errors):
        """End one item after the other; whether the last one has stopped the job."""
        stopped = False
        for error in errors:
            ended = self.ended(error)
            self.turn([ended])
            stopped = ended.status is ItemStatus.FAILED and stop_if_hopeless(self.job)
        return stopped

    def leave(self):
        """Its session is over, as at the end of a slice."""
        self.turn([], 0)
        Lease.objects.give_back(self.lease.pk, self.lease.holder, Verdict())
        Job.objects.complete_if_done(self.job.pk)

    def die(self, final=SLOW):
        """Ends with the item that it runs."""
        lease = Lease.objects.select_related("job").get(pk=self.lease.pk)
        return return_lease(lease, reason="it died", final=final)


def status(job):
    job.refresh_from_db()
    return job.status


def test_equal_errors_add_up_over_sessions(make_job):
    job = make_job()
    for _ in range(2):
        worker = Worker(job)
        assert not worker.end(FULL, FULL)
        worker.leave()
    assert Worker(job).end(FULL)
    assert (status(job), job.notice) == ("paused", f"Paused after 5 equal errors: {FULL}")


def test_they_add_up_over_places_that_are_held_no_more(make_job):
    job = make_job()
    workers = [Worker(job) for _ in range(3)]
    for worker in workers:
        worker.end(FULL)
    for worker in workers:
        worker.leave()
    assert not Worker(job).end(FULL)
    assert Worker(job).end(FULL)


@pytest.mark.parametrize("other", [OK, FINDING, "another error"])
def test_another_end_breaks_the_row(make_job, other):
    job = make_job()
    worker = Worker(job)
    worker.end(FULL, FULL, FULL, FULL)
    worker.leave()
    worker = Worker(job)
    assert not worker.end(other, FULL, FULL, FULL, FULL)
    worker.leave()
    assert Worker(job).end(FULL)


def test_a_success_ends_the_rows_of_places_that_nobody_holds(make_job):
    job = make_job()
    first, second = Worker(job), Worker(job)
    first.end(FULL, FULL)
    second.end(FULL, FULL)
    first.leave()
    second.leave()
    worker = Worker(job)
    worker.end(OK)
    assert not worker.end(FULL, FULL, FULL, FULL)


def test_a_worker_whose_items_go_well_keeps_the_job_going(make_job):
    job = make_job()
    well, badly = Worker(job), Worker(job)
    well.end(OK)
    assert not badly.end(*[FULL] * 9)
    assert well.end(FULL)


def test_what_a_place_had_seen_that_is_free_does_not_keep_the_job_going(make_job):
    job = make_job()
    first, second = Worker(job), Worker(job)
    first.end("another error")
    first.leave()
    assert second.end(*[FULL] * 5)


def test_the_same_error_of_a_place_that_is_free_counts_for_who_is_at_work(make_job):
    job = make_job()
    first, second = Worker(job), Worker(job)
    first.end(FULL, FULL)
    first.leave()
    assert not second.end(FULL, FULL)
    assert second.end(FULL)


def test_workers_that_have_seen_different_errors_begin_anew(make_job):
    job = make_job()
    first, second = Worker(job), Worker(job)
    first.end(FULL, FULL, FULL)
    second.end("another error")
    first.leave()
    second.leave()
    worker = Worker(job)
    assert not worker.end(FULL, FULL, FULL, FULL)
    assert worker.end(FULL)


def test_items_that_end_with_their_workers_count_as_well(make_job):
    job = make_job()
    for _ in range(4):
        assert Worker(job).die().failed
    assert status(job) == "processing"
    Worker(job).die()
    assert (status(job), job.notice) == ("paused", f"Paused after 5 equal errors: {SLOW}")
    events = list(JobEvent.objects.filter(job=job).values_list("kind", "source", "message"))
    assert events[-2:] == [
        ("item_failed", "engine", f"4 failed: {SLOW}"),
        ("pause", "engine", job.notice),
    ]
    assert [kind for kind, *_ in events].count("pause") == 1


def test_a_try_that_is_not_the_last_is_no_error(make_job):
    job = make_job()
    for _ in range(3):
        Worker(job).die()
    assert not Worker(job).die(final="").failed
    Worker(job).die()
    assert status(job) == "processing"
    Worker(job).die()
    assert status(job) == "paused"


def test_only_new_errors_count_after_a_resume(make_job):
    job = make_job()
    late = Worker(job)
    late.end(FULL, FULL)
    assert Worker(job).end(FULL, FULL, FULL)
    services.resume_job(job.pk, actor=ME)
    # One was still at an item of before the pause: that is none of the new ones.
    late.turn([late.ended(FULL)])
    worker = Worker(job)
    assert not worker.end(FULL, FULL)
    late.leave()
    worker.leave()
    worker = Worker(job)
    assert not worker.end(FULL, FULL)
    assert worker.end(FULL)


def test_only_new_errors_count_after_a_retry(make_job):
    job = make_job(4)
    worker = Worker(job)
    worker.end(FULL, FULL, FULL, FULL)
    worker.leave()
    assert status(job) == "completed"
    services.retry_job(job.pk, actor=ME)
    worker = Worker(job)
    assert not worker.end(FULL, FULL, FULL, FULL)


def test_0_pauses_never(make_job, settings):
    settings.JOBS_EQUAL_ERRORS_PAUSE = 0
    assert not Worker(make_job()).end(*[FULL] * 30)


def test_a_job_whose_last_item_passes_the_limit_by_a_death_has_failed(make_job):
    job = make_job(3, failure_limit=2)
    for _ in range(3):
        Worker(job).die()
    assert status(job) == "failed"
    assert job.error == "Stopped after 3 failures: the limit of this job is 2."
    assert list(JobEvent.objects.filter(job=job, kind="fail").values_list("source", "message")) == [
        ("engine", job.error)
    ]


def test_what_a_dead_worker_had_written_and_not_judged_is_judged(make_job):
    job = make_job(3, failure_limit=2)
    Worker(job).die()
    worker = Worker(job)
    for _ in range(2):
        worker.turn([worker.ended(FULL)])
    worker.die()
    assert status(job) == "failed"


@pytest.mark.parametrize("error", [FULL, FINDING])
def test_what_a_dead_worker_had_not_written_counts(make_job, error):
    job = make_job(2, failure_limit=1)
    worker = Worker(job)
    worker.end(FULL)
    worker.leave()
    journal, worker = Journal(), Worker(job)
    journal.clear(worker.ledger.sequence)
    journal.add(worker.ended(error))
    (lease,) = Lease.objects.select_related("job").filter(token__isnull=False).live()
    write_journal(journal, lease)
    lease.refresh_from_db()
    assert lease.streak == (2 if error else 0)
    assert status(job) == "failed"


def test_a_job_that_is_being_retried_does_not_fail_for_its_old_failures(make_job, settings):
    settings.JOBS_PREPARE_ITEMS = 1
    job = make_job(failure_limit=2)
    late = Worker(job)
    assert Worker(job).end(FULL, FULL, FULL)
    services.retry_job(job.pk, actor=ME)
    late.die()
    assert status(job) == "queued"


@pytest.mark.parametrize("module_database", ["sqlite"], indirect=True)
def test_who_cannot_stop_the_job_gives_nothing_back_and_keeps_nobody_waiting(make_job):
    job = make_job(failure_limit=0)
    held_up, dead = Worker(job), Worker(job)
    fd = os.open(files.path_of(held_up.lease.holder), os.O_RDWR)
    try:
        fcntl.flock(fd, fcntl.LOCK_EX)
        began = monotonic()
        with pytest.raises(gates.HeldUp):
            dead.die()
        assert monotonic() - began < 5
        assert not connection.in_atomic_block
        assert status(job) == "processing"
        assert job.items.filter(claim=dead.lease.holder).exists()
    finally:
        os.close(fd)
    assert dead.die().failed
    assert status(job) == "failed"
