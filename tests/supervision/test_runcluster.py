"""`manage.py runcluster` with real clusters that are stopped, killed and asked to end."""

import os
import signal
import sys
import time
from contextlib import closing

import pytest
from django.db import transaction

from jobs.models import JobEvent
from tests.supervision.conftest import QUICK
from tests.supervision.supervised import Supervised
from tests.support.processes import is_alive, wait_until_none_is_left
from tests.support.setups import SETUPS
from tests.support.waiting import wait_until


def stop_workers(supervised):
    stop(supervised.workers())


def stop_everything(supervised):
    stop(supervised.everything())


def stop(pids):
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)


@pytest.mark.parametrize(
    ("setup", "hold"), [*((setup, stop_workers) for setup in SETUPS), ("sqlite", stop_everything)]
)
def test_a_cluster_that_lives_but_takes_no_work_is_replaced(site_factory, setup, hold):
    with closing(Supervised(site_factory(setup, **QUICK))) as supervised:
        before = supervised.everything()
        with transaction.atomic():  # so that none of them keeps SQLite's write lock
            hold(supervised)
        job = supervised.site.start_job(count=20)
        status = supervised.site.wait_for_end(job, seconds=60)
        assert status["progress"]["succeeded"] == 20
        assert supervised.main() != before[0]
        assert not any(is_alive(pid) for pid in before)
        assert supervised.told("no worker took any; the cluster is replaced.")
        event = JobEvent.objects.filter(job=job, kind="cluster_replaced").earliest("id")
        assert "no worker took any" in event.message
        assert event.source == "engine"


def test_a_cluster_that_was_killed_is_started_again(supervised):
    job = supervised.site.start_job(count=40, hold=20)
    supervised.site.wait_for(job, processed=1)
    os.kill(supervised.main(), signal.SIGKILL)
    supervised.site.let_go(job)
    assert supervised.site.wait_for_end(job, seconds=60)["progress"]["succeeded"] == 40
    wait_until(lambda: supervised.told("The cluster was killed by SIGKILL; it is started again"))


def test_an_idle_cluster_is_left_alone(supervised):
    job = supervised.site.start_job(count=5)
    supervised.site.wait_for_end(job)
    before = supervised.main()
    stop_workers(supervised)
    deadline = time.monotonic() + 6  # twice its patience
    wait_until(lambda: time.monotonic() > deadline)
    assert supervised.main() == before
    assert not supervised.told("replaced")


def test_a_cluster_is_left_alone_while_another_has_all_the_workers_of_an_operation(quick_site):
    quick_site.start_cluster(workers=1)
    job = quick_site.start_job("act-alone", count=3, hold=0)
    quick_site.wait_for(job, in_flight=1)
    with closing(Supervised(quick_site)) as supervised:
        before = supervised.main()
        deadline = time.monotonic() + 6  # twice its patience
        wait_until(lambda: time.monotonic() > deadline)
        assert supervised.main() == before
        assert not JobEvent.objects.filter(job=job, kind="cluster_replaced").exists()
        quick_site.let_go(job)
        assert quick_site.wait_for_end(job)["progress"]["succeeded"] == 3


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stop_lets_go_of_the_work_and_leaves_no_process(supervised, number):
    job = supervised.site.start_job(count=1000, seconds=0.2)
    supervised.site.wait_for(job, processed=1)
    supervised.process.send_signal(number)
    assert supervised.process.wait(30) == 0
    assert supervised.left() == []
    found = supervised.site.status(job)
    assert found["status"] == "processing"
    assert found["progress"]["in_flight"] == 0
    assert found["progress"]["failed"] == 0
    assert found["progress"]["pending"] > 900


def test_a_stop_does_not_wait_for_an_item_without_end(supervised):
    job = supervised.site.start_job(count=1, seconds=600)
    supervised.site.wait_for(job, in_flight=1)
    supervised.process.send_signal(signal.SIGTERM)
    assert supervised.process.wait(30) == 0
    assert supervised.left() == []
    assert supervised.site.status(job)["progress"]["pending"] == 1


def test_a_cluster_that_does_not_listen_is_killed_at_a_stop(supervised):
    stop_everything(supervised)
    supervised.process.send_signal(signal.SIGTERM)
    assert supervised.process.wait(40) == 0
    assert supervised.told("Killing what has not stopped yet: cluster.")
    assert supervised.left() == []


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel does not tell of a parent's death")
def test_the_cluster_does_not_outlive_a_supervisor_that_was_killed(supervised):
    supervised.process.kill()
    supervised.process.wait()
    wait_until_none_is_left(supervised.site.mark)
