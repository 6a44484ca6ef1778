"""`manage.py runcluster` with real clusters that are stopped, killed and asked to end."""

import signal
import sys
import time

import psutil
import pytest

from tests.support.waiting import wait_until

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="needs the kernel's parent death signal")


class Running:
    """A supervisor with its cluster."""

    def __init__(self, site, tmp_path):
        self.site = site
        self.log = tmp_path / "log"
        self.process = site.start(
            sys.executable, "manage.py", "runcluster", "--stuck-after", "3", output=self.log
        )
        self.wait_for_cluster()

    def wait_for_cluster(self):
        """Until a cluster has all its processes: sentinel, workers, monitor, pusher."""
        wait_until(lambda: len(self.pool()) == 4, what=f"a cluster, {self.log.read_text()}")

    def main(self):
        children = psutil.Process(self.process.pid).children()
        return children[0] if children else None

    def sentinel(self):
        main = self.main()
        children = main.children() if main else []
        return children[0] if children else None

    def pool(self):
        """The sentinel's children: two workers, the monitor and the pusher, in this order."""
        try:
            sentinel = self.sentinel()
            return sentinel.children() if sentinel else []
        except psutil.NoSuchProcess:
            return []

    def told(self, words):
        return words in self.log.read_text()


@pytest.fixture
def running(ready_site, tmp_path):
    return Running(ready_site, tmp_path)


def ends_well(site, job, count):
    wait_until(lambda: site.status(job) == "completed", seconds=60, what="the job is completed")
    assert site.items(job) == {"succeeded": count}


def stop_workers(running):
    for worker in running.pool()[:2]:
        worker.suspend()


def stop_everything(running):
    for process in [running.main(), running.sentinel(), *running.pool()]:
        process.suspend()


@pytest.mark.parametrize("stop", [stop_workers, stop_everything])
def test_a_cluster_that_lives_but_takes_no_work_is_replaced(running, site, stop):
    before = running.main().pid
    stop(running)
    job = site.start_job(count=20)
    ends_well(site, job, 20)
    assert running.main().pid != before
    assert not psutil.pid_exists(before)
    assert running.told("no worker took any; the cluster is replaced.")
    events = site.ask("SELECT message FROM jobs_jobevent WHERE kind = 'cluster_replaced'")
    assert len(events) == 1
    assert "no worker took any" in events[0][0]


def test_a_cluster_that_was_killed_is_started_again(running, site):
    job = site.start_job(count=40, seconds=0.1)
    wait_until(lambda: site.items(job).get("succeeded"))
    running.main().kill()
    ends_well(site, job, 40)
    assert running.told("The cluster was killed by SIGKILL; it is started again")


def test_an_idle_cluster_is_left_alone(running, site):
    job = site.start_job(count=5)
    ends_well(site, job, 5)
    before = running.main().pid
    stop_workers(running)
    deadline = time.monotonic() + 6  # twice its patience
    wait_until(lambda: time.monotonic() > deadline)
    assert running.main().pid == before
    assert not running.told("replaced")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stop_lets_go_of_the_work_and_leaves_no_process(running, site, number):
    job = site.start_job(count=1000, seconds=0.2)
    wait_until(lambda: site.items(job).get("succeeded"))
    running.process.send_signal(number)
    assert running.process.wait(30) == 0
    assert site.processes() == []
    items = site.items(job)
    assert "failed" not in items
    assert "processing" not in items
    assert site.status(job) == "processing"


def test_a_stop_does_not_wait_for_an_item_without_end(running, site):
    job = site.start_job(count=1, seconds=600)
    wait_until(lambda: site.items(job).get("processing"))
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(30) == 0
    assert site.processes() == []
    assert site.items(job) == {"pending": 1}


def test_a_stop_of_a_cluster_that_does_not_listen_ends_with_a_kill(running, site):
    stop_everything(running)
    running.process.send_signal(signal.SIGTERM)
    assert running.process.wait(40) == 0
    assert running.told("Killing what has not stopped yet: cluster.")
    assert site.processes() == []


@LINUX
def test_the_cluster_does_not_outlive_a_supervisor_that_was_killed(running, site):
    running.process.kill()
    running.process.wait()
    wait_until(lambda: not site.processes(), what="all processes have ended")
