"""A cancel on PostgreSQL while its notifications, its workers or the network are gone.

The items are quick, so workers start them through their gates.
"""

import os
import signal
from time import monotonic

import pytest

from jobs import services
from jobs.backends import job_totals
from jobs.models import Lease
from tests.faults.conftest import QUICK
from tests.faults.test_outages import ask
from tests.support.invariants import check_runs, check_totals
from tests.support.pgbouncer import transaction_pool
from tests.support.processes import is_alive
from tests.support.waiting import wait_until
from tests.testapp import MACHINE

ME = services.Actor()
LEASE = float(QUICK["JOBS_LEASE_SECONDS"])
LISTENERS = """
SELECT pid FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
    AND (starts_with(query, 'LISTEN') OR position('SET gated = false' IN query) > 0)
"""


def start_quick_job(site):
    """A job that does not end, whose workers start items through their gates."""
    job = site.start_job(count=60_000, seconds=0.0005)
    wait_until(lambda: gated(job), what="a worker starts items through its gate")
    return job


def gated(job):
    return Lease.objects.filter(job=job, gated=True).exists()


def cancel(job):
    """Cancel; how long that took, and how many items had been started by then."""
    since = monotonic()
    services.cancel_job(job.pk, actor=ME)
    seconds, at = monotonic() - since, monotonic()
    found = job_totals([job.pk])[job.pk]
    return seconds, at, found.succeeded + found.failed + found.in_flight


def check_stopped(site, job, at, *, standing=0):
    """Nothing was started after the answer, by what the operation itself has written down.

    `standing`: so many items may have been started, and in flight, without having written that.
    """
    wait_until(lambda: not Lease.objects.held().filter(job=job), what="all workers have left")
    late = [line for line in site.lines(job) if line.what == "start" and line.at > at]
    assert len(late) <= standing, late
    check_runs(site, job)
    return check_totals(site, job)["progress"]


@pytest.fixture
def quick_postgres(site_factory):
    return site_factory("postgres", workers=2, **QUICK)


@pytest.mark.parametrize("harm", ["ended", "stopped"])
def test_fence_whose_notification_is_lost_is_found_by_a_heartbeat(quick_postgres, harm):
    """The session that listens is ended by the server, or the server's process stands still."""
    site = quick_postgres
    site.start_cluster()
    job = start_quick_job(site)
    pids = [pid for (pid,) in site.sql(LISTENERS)]
    assert pids
    for pid in pids:
        if harm == "stopped":
            os.kill(pid, signal.SIGSTOP)
        else:
            site.sql("SELECT pg_terminate_backend(?)", pid)
    try:
        seconds, at, started = cancel(job)
    finally:
        for pid in pids:
            if harm == "stopped":
                os.kill(pid, signal.SIGCONT)
    assert seconds < LEASE
    assert check_stopped(site, job, at)["processed"] == started


def test_executor_that_stands_still_is_waited_for_until_its_worker_ends_it(quick_postgres):
    """It may stand still in the middle of a start, where nobody can close its gate."""
    site = quick_postgres
    site.start_cluster(workers=1)
    for _ in range(3):
        job = start_quick_job(site)
        executor = Lease.objects.get(job=job, token__isnull=False).executor_pid
        os.kill(executor, signal.SIGSTOP)
        seconds, at, started = cancel(job)
        assert seconds < 2 * LEASE
        if is_alive(executor):
            os.kill(executor, signal.SIGCONT)
        assert check_stopped(site, job, at, standing=1)["processed"] <= started


def test_worker_and_executor_that_stand_still_start_nothing_when_they_go_on(quick_postgres):
    site = quick_postgres
    site.start_cluster(workers=1, **{MACHINE: "elsewhere"})
    job = start_quick_job(site)
    lease = Lease.objects.get(job=job, token__isnull=False)
    both = (lease.worker_pid, lease.executor_pid)
    for pid in both:
        os.kill(pid, signal.SIGSTOP)
    try:
        seconds, at, started = cancel(job)
        assert LEASE * 0.9 < seconds < 2 * LEASE
        assert not Lease.objects.held().filter(job=job)
    finally:
        for pid in reversed(both):
            os.kill(pid, signal.SIGCONT)
    wait_until(lambda: not is_alive(lease.executor_pid), what="its worker has ended it")
    assert check_stopped(site, job, at)["processed"] == started


def test_cancel_in_a_partition_is_answered_after_a_lease(site_factory):
    """The worker's machine cannot reach the database from the middle of the job on."""
    site = site_factory("postgres", workers=1, **QUICK)
    url = f"{site.database['DATABASE_URL']}&application_name=elsewhere"
    site.start_cluster(DATABASE_URL=url, **{MACHINE: "elsewhere"})
    job = start_quick_job(site)
    lease = Lease.objects.get(job=job, token__isnull=False)
    cut_off = []

    def cut():
        rows = site.sql(
            "SELECT pid, state FROM pg_stat_activity WHERE application_name = 'elsewhere'"
        )
        for pid, _ in rows:
            os.kill(pid, signal.SIGSTOP)
            cut_off.append(pid)
        states = site.sql("SELECT state FROM pg_stat_activity WHERE application_name = 'elsewhere'")
        if {state for (state,) in states} == {"idle"}:  # none holds a lock
            return True
        heal()
        return False

    def heal():
        while cut_off:
            os.kill(cut_off.pop(), signal.SIGCONT)

    try:
        wait_until(cut, what="no session is in the middle of something")
        seconds, at, started = cancel(job)
        assert seconds < 2 * LEASE
        wait_until(lambda: not is_alive(lease.executor_pid), what="its worker has ended it")
    finally:
        heal()
    assert check_stopped(site, job, at)["processed"] == started


def test_each_start_asks_the_server_behind_a_pool_of_transactions(quick_postgres):
    site = quick_postgres
    with transaction_pool(site.database["DATABASE_URL"]) as url:
        site.start_cluster(DATABASE_URL=url)
        job = site.start_job(count=60_000, seconds=0.0005)
        site.wait_for(job, processed=500)
        wait_until(
            lambda: "Notifications of the database do not arrive" in site.logs(),
            what="the workers say so",
        )
        assert not gated(job)
        seconds, at, started = cancel(job)
        assert seconds < LEASE
        assert check_stopped(site, job, at)["processed"] == started


def test_quick_job_completes_after_the_server_was_restarted(quick_postgres, servers):
    site = quick_postgres
    site.allow_in_logs("Traceback (most recent call last)")
    site.start_cluster()
    job = site.start_job(count=4000, seconds=0.0005, hold=3990)
    wait_until(lambda: gated(job), what="a worker starts items through its gate")
    servers.postgres.crash()
    servers.postgres.start()
    site.let_go(job)
    wait_until(
        lambda: ask(lambda: site.status(job)["status"] == "completed"), seconds=60, what="its end"
    )
    assert check_totals(site, job)["progress"]["succeeded"] == 4000
    assert max(check_runs(site, job).values()) <= 2


def test_check_says_that_notifications_do_not_arrive_behind_a_pool_of_transactions(quick_postgres):
    site = quick_postgres
    assert "W001" not in site.run("check", "--database", "default").stderr
    with transaction_pool(site.database["DATABASE_URL"]) as url:
        found = site.run("check", "--database", "default", DATABASE_URL=url)
        assert (found.returncode, "jobs.W001" in found.stderr) == (0, True)


def test_quick_items_need_at_most_one_commit_for_twenty(quick_postgres):
    site = quick_postgres
    commits = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
    site.start_cluster()
    first = site.start_job("noop", count=1000)
    site.wait_for_end(first)
    ((before,),) = site.sql(commits)
    job = site.start_job("noop", count=40_000)
    site.wait_for_end(job, seconds=120)
    wait_until(lambda: not Lease.objects.held(), what="the workers have left")
    ((after,),) = site.sql(commits)
    assert site.status(job)["progress"]["succeeded"] == 40_000
    assert (after - before) / 40_000 <= 1 / 20
