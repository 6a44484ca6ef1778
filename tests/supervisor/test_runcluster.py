"""`manage.py runcluster` with real clusters that are held, killed and asked to stop."""

import os
import signal
import sys
import time
from contextlib import closing

import pytest
from django.db import transaction

from jobs.models import JobEvent
from tests.supervisor.conftest import QUICK
from tests.supervisor.runcluster import RunCluster
from tests.support.locks import locked_database
from tests.support.processes import is_alive, wait_until_none_is_left
from tests.support.waiting import wait_until

TWICE_THE_THRESHOLD = 6.0


def hold(pids):
    with transaction.atomic():  # so that none of them keeps SQLite's write lock
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)


def wait_out(seconds):
    deadline = time.monotonic() + seconds
    wait_until(lambda: time.monotonic() > deadline)


def check_replaced(runcluster, before, job):
    """The job is done by a new cluster, no process of the old one is left, and an event says so."""
    status = runcluster.site.wait_for_end(job, seconds=60)
    assert status["progress"]["succeeded"] == 20
    assert runcluster.main() != before[0]
    assert not any(is_alive(pid) for pid in before)
    assert runcluster.reported("no worker picked it up; the cluster is replaced.")
    event = JobEvent.objects.filter(job=job, kind="cluster_replaced").earliest("id")
    assert "no worker picked it up" in event.message
    assert event.source == "engine"


def test_held_cluster_is_replaced_once_work_waits_but_not_while_idle(runcluster):
    runcluster.site.wait_for_end(runcluster.site.start_job(count=5))
    before = runcluster.everything()
    hold(before)
    wait_out(TWICE_THE_THRESHOLD)
    assert runcluster.main() == before[0]
    assert not runcluster.reported("replaced")
    check_replaced(runcluster, before, runcluster.site.start_job(count=20))


def test_busy_cluster_is_not_replaced_while_the_database_takes_no_changes(runcluster):
    site = runcluster.site
    busy = site.start_job(count=site.workers, hold=0)
    waiting = site.start_job(count=1)
    wait_until(lambda: site.status(busy)["progress"]["in_flight"] == site.workers)
    before = runcluster.everything()
    with locked_database():
        wait_out(TWICE_THE_THRESHOLD)
    assert runcluster.everything() == before
    assert not runcluster.reported("replaced")
    site.let_go(busy)
    assert site.wait_for_end(waiting)["status"] == "completed"


def test_cluster_with_held_workers_is_replaced_on_postgresql_and_valkey(site_factory):
    with closing(RunCluster(site_factory("postgres+valkey", **QUICK))) as runcluster:
        before = runcluster.everything()
        hold(runcluster.workers())
        check_replaced(runcluster, before, runcluster.site.start_job(count=20))


def test_killed_cluster_is_started_again(runcluster):
    job = runcluster.site.start_job(count=40, hold=20)
    runcluster.site.wait_for(job, processed=1)
    os.kill(runcluster.main(), signal.SIGKILL)
    runcluster.site.let_go(job)
    assert runcluster.site.wait_for_end(job, seconds=60)["progress"]["succeeded"] == 40
    wait_until(
        lambda: runcluster.reported("The cluster was killed by SIGKILL; it is started again")
    )


def test_cluster_is_not_replaced_while_another_one_uses_all_workers_of_an_operation(quick_site):
    quick_site.start_cluster(workers=1)
    job = quick_site.start_job("act-alone", count=3, hold=0)
    quick_site.wait_for(job, in_flight=1)
    with closing(RunCluster(quick_site)) as runcluster:
        before = runcluster.main()
        wait_out(TWICE_THE_THRESHOLD)
        assert runcluster.main() == before
        assert not JobEvent.objects.filter(job=job, kind="cluster_replaced").exists()
        quick_site.let_go(job)
        assert quick_site.wait_for_end(job)["progress"]["succeeded"] == 3


def test_stop_releases_items_that_would_run_on_and_leaves_no_process(runcluster):
    job = runcluster.site.start_job(count=1000, seconds=600)
    runcluster.site.wait_for(job, in_flight=2)
    runcluster.process.send_signal(signal.SIGTERM)
    assert runcluster.process.wait(30) == 0
    assert runcluster.left() == []
    status = runcluster.site.status(job)
    assert status["status"] == "processing"
    assert (status["progress"]["pending"], status["progress"]["in_flight"]) == (1000, 0)


def test_cluster_that_does_not_react_to_a_stop_is_killed(runcluster):
    hold(runcluster.everything())
    runcluster.process.send_signal(signal.SIGTERM)
    assert runcluster.process.wait(40) == 0
    assert runcluster.reported("Killing what has not stopped yet: cluster.")
    assert runcluster.left() == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux signals the death of a parent")
def test_cluster_ends_when_its_supervisor_is_killed(runcluster):
    runcluster.process.kill()
    runcluster.process.wait()
    wait_until_none_is_left(runcluster.site.mark)
