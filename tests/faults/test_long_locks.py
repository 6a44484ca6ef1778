"""A write to SQLite that takes longer than a lease: a migration of a large table, a VACUUM."""

import sqlite3
from contextlib import closing
from time import monotonic

from jobs.models import JobEvent, JobItem, Lease
from tests.support.invariants import check_totals
from tests.support.processes import is_alive
from tests.support.waiting import wait_until

LEASE_SECONDS = 4.0


def test_write_lock_longer_than_a_lease_makes_no_worker_dead(site_factory):
    site = site_factory(
        "sqlite",
        workers=2,
        JOBS_HEARTBEAT_SECONDS="0.5",
        JOBS_LEASE_SECONDS=str(LEASE_SECONDS),
        JOBS_SWEEP_SECONDS="0.5",
    )
    site.start_cluster()
    job = site.start_job(count=2, hold=0)
    site.wait_for(job, in_flight=2)
    executors = list(Lease.objects.held().values_list("executor_pid", flat=True))
    beats = dict(Lease.objects.held().values_list("pk", "heartbeats"))
    database = site.data / "db.sqlite3"
    with closing(sqlite3.connect(database, timeout=30, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        free_at = monotonic() + 2 * LEASE_SECONDS
        # A worker that is killed during the lock is noticed here, not only at the end.
        wait_until(lambda: monotonic() > free_at or not all(map(is_alive, executors)))
        assert all(map(is_alive, executors))
        other.execute("ROLLBACK")

    def all_have_sent_a_heartbeat():
        now = Lease.objects.filter(pk__in=beats).values_list("pk", "heartbeats")
        return all(beat > beats[pk] for pk, beat in now)

    wait_until(all_have_sent_a_heartbeat, what="both workers have sent another heartbeat")
    assert all(map(is_alive, executors))
    site.let_go(job)
    assert site.wait_for_end(job)["progress"]["succeeded"] == 2
    check_totals(site, job)
    assert set(JobItem.objects.filter(job=job).values_list("attempts", flat=True)) == {1}
    assert not JobEvent.objects.filter(job=job, kind="item_given_back")
