"""A network partition between a worker's machine and the database."""

import os
import signal

import pytest

from jobs.models import Lease
from tests.faults.conftest import QUICK
from tests.support.invariants import check_totals
from tests.support.processes import is_alive
from tests.support.waiting import wait_until
from tests.testapp import MACHINE

SESSIONS = "SELECT pid, state FROM pg_stat_activity WHERE application_name = 'elsewhere'"


@pytest.fixture
def partition():
    """Holds up the server's processes for the sessions called elsewhere; they answer nothing,
    and refuse nothing. Between their statements: they hold no locks then."""
    held_up = []

    def begin(site):
        def all_rest():
            for pid, _ in site.sql(SESSIONS):
                os.kill(pid, signal.SIGSTOP)
                held_up.append(pid)
            if held_up and all(state == "idle" for _, state in site.sql(SESSIONS)):
                return True
            end()
            return False

        wait_until(all_rest, what="no session is in the middle of something")

    def end():
        while held_up:
            os.kill(held_up.pop(), signal.SIGCONT)

    yield begin, end
    end()


@pytest.fixture
def work_elsewhere(site_factory):
    """A site with one worker, elsewhere; a job of one item that waits; the lease of both."""
    site = site_factory("postgres", workers=1, **QUICK)
    url = f"{site.database['DATABASE_URL']}&application_name=elsewhere"
    site.start_cluster(DATABASE_URL=url, **{MACHINE: "elsewhere"})
    job = site.start_job(count=1, script={"0": "wait"})
    site.wait_for(job, in_flight=1)
    # Only then there is the session on which it shows life.
    wait_until(lambda: Lease.objects.get(job=job).heartbeats, what="it has shown life")
    lease = Lease.objects.get(job=job)
    assert lease.machine == "elsewhere"
    return site, job, lease


def test_cut_off_worker_has_stopped_before_another_takes_its_item(work_elsewhere, partition):
    site, job, cut_off = work_elsewhere
    begin, end = partition
    site.start_cluster()
    begin(site)

    def runs_again():
        return [line for line in site.lines(job) if line.what == "start"][1:]

    wait_until(runs_again, what="another worker has its item")
    assert not is_alive(cut_off.executor_pid)
    end()
    site.let_go(job)

    assert site.wait_for_end(job)["progress"]["succeeded"] == 1
    assert not [line for line in site.lines(job) if line.what == "clash"]
    check_totals(site, job)


def test_cut_off_worker_continues_on_new_connections(work_elsewhere, partition):
    site, job, cut_off = work_elsewhere
    begin, _ = partition
    begin(site)

    def goes_on():
        return Lease.objects.held().exclude(executor_pid=cut_off.executor_pid).filter(job=job)

    wait_until(goes_on, what="it has an executor again, while the old sessions do not answer")
    site.let_go(job)
    assert site.wait_for_end(job)["progress"]["succeeded"] == 1
    check_totals(site, job)
