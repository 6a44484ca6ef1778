"""A deploy, a suspended worker that returns, clusters that join and leave."""

import os
import signal
import time

import pytest

from jobs.models import JobEvent, JobItem
from tests.faults.conftest import QUICK
from tests.support.invariants import check_runs, check_totals
from tests.support.processes import children, is_alive
from tests.support.stacks import ENGINE_STACKS
from tests.support.waiting import wait_until
from tests.testapp import MACHINE, clock

pytestmark = pytest.mark.slow(6)

STARTS_ON_THE_WAY = 8
"""Until every process knows of the stop, two workers start some more items of 0.3 s."""


@pytest.mark.broker
def test_sigterm_finishes_the_running_items_and_starts_no_others(quick_site):
    cluster = quick_site.start_cluster()
    job = quick_site.start_job(count=30, seconds=0.3, hold=20)
    quick_site.wait_for(job, processed=4)

    asked_at = time.monotonic()
    cluster.terminate()
    cluster.wait(20)
    quick_site.let_go(job)

    found = quick_site.status(job)
    assert found["status"] == "processing"
    assert found["progress"]["in_flight"] == 0
    lines = quick_site.lines(job)
    started = [line for line in lines if line.what == "start"]
    assert len(started) == found["progress"]["processed"] < 30, "each that was started has ended"
    assert sum(line.at > asked_at for line in started) <= STARTS_ON_THE_WAY
    quick_site.start_cluster()
    assert quick_site.wait_for_end(job)["status"] == "completed"
    assert set(check_runs(quick_site, job).values()) == {1}


def test_item_that_outlasts_the_shutdown_is_released_without_an_attempt(quick_site):
    cluster = quick_site.start_cluster()
    job = quick_site.start_job(count=1, script={"0": "wait"})
    quick_site.wait_for(job, in_flight=1)

    cluster.terminate()
    cluster.wait(20)

    item = JobItem.objects.get(job=job)
    assert (item.status, item.attempts, item.lease_token) == ("pending", 0, None)
    quick_site.let_go(job)
    quick_site.start_cluster()
    assert quick_site.wait_for_end(job)["progress"]["succeeded"] == 1


def test_late_write_of_a_suspended_worker_changes_nothing(quick_site):
    """All processes of its machine stop for a while, as on a suspended laptop."""
    cluster = quick_site.start_cluster(workers=1, **{MACHINE: "elsewhere"})
    job = quick_site.start_job(count=1, script={"0": "wait"})
    quick_site.wait_for(job, in_flight=1)
    worker = cluster.busy_worker()
    (executor,) = children(worker)
    machine = [cluster.main, cluster.sentinel, cluster.monitor, cluster.pusher, worker, executor]
    for pid in machine:
        os.kill(pid, signal.SIGSTOP)

    other = quick_site.start_cluster(workers=1)

    def runs_elsewhere():
        return other.executors() and quick_site.status(job)["progress"]["in_flight"]

    wait_until(runs_elsewhere, what="another worker has the item")
    quick_site.let_go(job)
    assert quick_site.wait_for_end(job)["status"] == "completed"
    before = JobItem.objects.filter(job=job).values().get()
    # The executor first: its parent would end it before it writes.
    os.kill(executor, signal.SIGCONT)
    wait_until(lambda: not is_alive(executor), what="the late executor has exited")
    for pid in machine[:-1]:
        os.kill(pid, signal.SIGCONT)

    ended = [line.pid for line in quick_site.lines(job) if line.what == "end"]
    assert ended[-1] == executor, "the late executor has run its item to the end"
    assert JobItem.objects.filter(job=job).values().get() == before
    check_totals(quick_site, job)


def test_item_of_a_suspended_executor_is_released_and_run_again(quick_site):
    cluster = quick_site.start_cluster(workers=1)
    job = quick_site.start_job(count=2, script={"0": "wait"})
    quick_site.wait_for(job, in_flight=1)
    (executor,) = cluster.executors()

    os.kill(executor, signal.SIGSTOP)

    wait_until(lambda: not is_alive(executor), what="it was ended")
    quick_site.let_go(job)
    assert quick_site.wait_for_end(job)["progress"]["succeeded"] == 2
    check_totals(quick_site, job)


def test_clusters_that_join_and_leave_share_a_job(site_factory):
    site = site_factory("postgres", workers=1)
    first, second = site.start_cluster(), site.start_cluster()
    # The two are held by their first items, so what else is done is done by the third.
    job = site.start_job(count=100, seconds=0.05, script={"0": "wait", "1": "wait"})
    site.wait_for(job, in_flight=2)
    assert first.executors()
    assert second.executors()

    site.start_cluster()
    site.wait_for(job, processed=5)
    site.let_go(job)
    first.stop()

    assert site.wait_for_end(job)["status"] == "completed"
    check_totals(site, job)
    assert set(check_runs(site, job).values()) == {1}


@pytest.mark.parametrize("stack", ENGINE_STACKS)
def test_clock_that_jumps_an_hour_makes_no_worker_dead(site_factory, stack):
    """Neither life nor order of workers may depend on the wall clock."""
    site = site_factory(stack, workers=2, **QUICK)
    jump = site.folder / "an-hour-later"
    site.env[clock.VARIABLE] = str(jump)
    site.start_cluster()
    job = site.start_job(count=40, seconds=0.02, script={"0": "wait"})
    site.wait_for(job, processed=3)

    jump.touch()
    looked_until = time.monotonic() + 2 * float(QUICK["JOBS_LEASE_SECONDS"])

    def looked_long_enough():
        found = site.status(job)
        assert found["progress"]["in_flight"] >= 1
        return time.monotonic() > looked_until

    wait_until(looked_long_enough)
    site.let_go(job)
    assert site.wait_for_end(job)["status"] == "completed"
    check_totals(site, job)
    assert set(check_runs(site, job).values()) == {1}
    assert not JobEvent.objects.filter(job=job, kind="item_given_back").exists()
