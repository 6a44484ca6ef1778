"""A machine loses its power in the middle of a transaction: the server holds its locks on.

Only PostgreSQL has clients elsewhere, and locks of single rows.
"""

import os
import signal
import threading
from contextlib import ExitStack, closing
from time import monotonic

import pytest
from django.db import connection, transaction

from jobs import services
from jobs.ledger import Gauges, open_ledger, own_connection
from jobs.models import Job, JobItem, Lease
from jobs.processes import ProcessIdentity, machine_id
from jobs.recovery import Observer, sweep
from jobs.runner.reconnect import patiently
from tests.faults.conftest import QUICK
from tests.support.waiting import wait_until

ME = services.Actor()
BACKEND = "SELECT 1 FROM pg_stat_activity WHERE pid = ?"
GONE = ProcessIdentity("elsewhere", 1, 1.0)


@pytest.fixture
def in_the_middle(settings):
    """Begins a turn of a lease and leaves it open, as a worker does that vanishes in it."""
    settings.JOBS_LEASE_SECONDS = float(QUICK["JOBS_LEASE_SECONDS"])
    with ExitStack() as stack:

        def begin(lease):
            own = stack.enter_context(closing(own_connection()))
            ledger = open_ledger(lease, operation="act", remembers=False, connection=own)
            ledger.raw.pgconn.exec_(b"BEGIN")
            assert ledger.lock_lease() is not None

        yield begin


def take_place(job, warden=GONE):
    lease = Lease.objects.acquire(job.pk, host="-", warden=warden, executor=GONE, cluster_pid=1)
    return Lease.objects.select_related("job").get(pk=lease.pk)


def test_others_go_on_and_cancel_answers(site_factory, in_the_middle):
    site = site_factory("postgres", workers=2, **QUICK)
    site.start_cluster()
    job = site.start_job(count=2, hold=0)
    site.wait_for(job, in_flight=2)
    lost = Lease.objects.filter(job=job).order_by("number")[0]
    Lease.objects.filter(pk=lost.pk).update(machine="elsewhere")
    in_the_middle(lost)
    os.kill(lost.warden_pid, signal.SIGKILL)
    answered = []

    def cancel():
        with closing(connection):
            services.cancel_job(job.pk, actor=ME)
            answered.append(monotonic())

    asked_at = monotonic()
    canceller = threading.Thread(target=cancel)
    canceller.start()
    other = site.start_job(count=5)

    site.wait_for(other, processed=5)
    canceller.join(20)
    assert answered
    assert answered[0] - asked_at < 10
    site.let_go(job)
    wait_until(lambda: not Lease.objects.held().filter(job=job), what="its place is free again")
    assert JobItem.objects.filter(job=job, claim__isnull=False).count() == 0


def test_a_sweep_passes_by_what_somebody_has_locked_and_comes_to_it_later(site_factory):
    site = site_factory("postgres")
    jobs = [site.start_job(count=2) for _ in range(3)]
    here = ProcessIdentity(machine_id(), 2**22 + 1, 1.0)  # a pid that no process has
    first, second = (take_place(job, here) for job in jobs[:2])
    JobItem.objects.filter(job=jobs[2]).update(status="succeeded")
    locked = threading.Event()
    go_on = threading.Event()

    def hold():
        with closing(connection), transaction.atomic():
            Lease.objects.select_for_update().get(pk=first.pk)
            Job.objects.select_for_update().get(pk=jobs[2].pk)
            locked.set()
            go_on.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert locked.wait(30)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '10s'")  # fails instead of waiting
            assert sweep(Observer()) == 1
    finally:
        go_on.set()
        holder.join()
    assert list(Lease.objects.held()) == [first]
    assert Job.objects.get(pk=jobs[2].pk).status == "queued"
    assert sweep(Observer()) == 1
    assert not Lease.objects.held()
    assert Job.objects.get(pk=jobs[2].pk).status == "completed"
    assert second.pk != first.pk


def test_a_turn_that_is_held_up_lets_its_worker_show_life_in_time(site_factory, in_the_middle):
    lease = take_place(site_factory("postgres").start_job(count=2))
    in_the_middle(lease)
    asked_at = monotonic()
    assert Lease.objects.heartbeat(lease.token)
    assert monotonic() - asked_at < 0.8 * float(QUICK["JOBS_LEASE_SECONDS"])


def test_a_turn_that_was_held_up_for_too_long_is_repeated(site_factory, settings):
    settings.JOBS_LEASE_SECONDS = 2.5
    site = site_factory("postgres")
    lease = take_place(site.start_job(count=2))
    with closing(own_connection()) as own:
        ledger = open_ledger(lease, operation="act", remembers=False, connection=own)

        claim = ledger.claim

        def held_up(after, want):
            ledger.claim = claim
            wait_until(lambda: not site.sql(BACKEND, ledger.raw.pgconn.backend_pid))
            return claim(after, want)

        ledger.claim = held_up
        assert patiently(lambda: ledger.turn([], 1, Gauges()), ledger)
