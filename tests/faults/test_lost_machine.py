"""A machine goes down in the middle of a transaction: the server keeps its locks.

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
from jobs.backends import Gauges, dedicated_connection, open_store
from jobs.lifecycle import leases
from jobs.lifecycle.recovery import StallDetector, sweep
from jobs.models import Job, JobItem, Lease
from jobs.processes.identity import ProcessIdentity, machine_id
from jobs.worker.retry import with_retry
from tests.faults.conftest import QUICK
from tests.support.waiting import wait_until
from tests.support.worker import acquire

ME = services.Actor()
BACKEND = "SELECT 1 FROM pg_stat_activity WHERE pid = ?"


@pytest.fixture
def in_the_middle(settings):
    """Begins the turn of a lease and leaves it open, as a worker of a lost machine does."""
    settings.JOBS_LEASE_SECONDS = float(QUICK["JOBS_LEASE_SECONDS"])
    with ExitStack() as stack:

        def begin(lease):
            own = stack.enter_context(closing(dedicated_connection()))
            store = open_store(lease, operation="act", remembers=False, connection=own)
            store.raw.pgconn.exec_(b"BEGIN")
            assert store.lock_lease() is not None

        yield begin


def test_open_transaction_of_a_lost_machine_blocks_neither_workers_nor_cancel(
    site_factory, in_the_middle
):
    site = site_factory("postgres", workers=2, **QUICK)
    site.start_cluster()
    job = site.start_job(count=2, hold=0)
    site.wait_for(job, in_flight=2)
    lost = Lease.objects.filter(job=job).order_by("slot")[0]
    Lease.objects.filter(pk=lost.pk).update(machine="elsewhere")
    in_the_middle(lost)
    os.kill(lost.worker_pid, signal.SIGKILL)
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
    wait_until(lambda: not Lease.objects.held().filter(job=job), what="its lease is released")
    assert JobItem.objects.filter(job=job, lease_token__isnull=False).count() == 0


def test_sweep_skips_locked_rows_and_handles_them_later(site_factory):
    site = site_factory("postgres")
    jobs = [site.start_job(count=2) for _ in range(3)]
    here = ProcessIdentity(machine_id(), 2**22 + 1, 1.0)  # a pid that no process has
    first, second = (acquire(job, here) for job in jobs[:2])
    JobItem.objects.filter(job=jobs[2]).update(status="succeeded")
    locked = threading.Event()
    may_end = threading.Event()

    def hold():
        with closing(connection), transaction.atomic():
            Lease.objects.select_for_update().get(pk=first.pk)
            Job.objects.select_for_update().get(pk=jobs[2].pk)
            locked.set()
            may_end.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert locked.wait(30)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '10s'")  # fails instead of waiting
            assert sweep(StallDetector()) == 1
    finally:
        may_end.set()
        holder.join()
    assert list(Lease.objects.held()) == [first]
    assert Job.objects.get(pk=jobs[2].pk).status == "queued"
    assert sweep(StallDetector()) == 1
    assert not Lease.objects.held()
    assert Job.objects.get(pk=jobs[2].pk).status == "completed"
    assert second.pk != first.pk


def test_heartbeat_is_written_in_time_while_a_turn_is_blocked(site_factory, in_the_middle):
    lease = acquire(site_factory("postgres").start_job(count=2))
    in_the_middle(lease)
    asked_at = monotonic()
    assert leases.renew(lease.token)
    assert monotonic() - asked_at < 0.8 * float(QUICK["JOBS_LEASE_SECONDS"])


def test_turn_blocked_for_too_long_is_repeated(site_factory, settings):
    settings.JOBS_LEASE_SECONDS = 2.5
    site = site_factory("postgres")
    lease = acquire(site.start_job(count=2))
    with closing(dedicated_connection()) as own:
        store = open_store(lease, operation="act", remembers=False, connection=own)

        claim = store.claim

        def held_up(after, want):
            store.claim = claim
            wait_until(lambda: not site.sql(BACKEND, store.raw.pgconn.backend_pid))
            return claim(after, want)

        store.claim = held_up
        assert with_retry(lambda: store.finish_and_claim([], 1, Gauges()), store)
