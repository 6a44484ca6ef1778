"""`manage.py qcluster` with several requests to stop at once."""

import multiprocessing
import os
import signal

import pytest

from jobs.management.commands.qcluster import SignalSafeCluster, SteadyEvent
from tests.support.processes import catches, is_alive, wait_until_none_is_left
from tests.support.waiting import wait_until


@pytest.fixture
def site(site_factory):
    return site_factory("sqlite", JOBS_SHUTDOWN_SECONDS="2")


def stop_repeatedly(cluster):
    """Send signals until the main process has ended."""

    def ended():
        for _ in range(50):
            cluster.terminate()
        return not is_alive(cluster.main)

    wait_until(ended, what="the main process has ended")


def test_many_signals_stop_a_cluster_like_one(site):
    cluster = site.start_cluster()
    job = site.start_job(count=1000, seconds=0.05)
    site.wait_for(job, processed=1)
    stop_repeatedly(cluster)
    assert cluster.wait() == 0
    wait_until_none_is_left(site.mark)
    assert site.status(job)["progress"]["in_flight"] == 0
    assert "Traceback" not in site.logs()


def test_signals_during_the_start_stop_a_cluster(site):
    cluster = site.start_cluster(wait=False)
    wait_until(lambda: catches(cluster.main, signal.SIGTERM), what="the handler is installed")
    stop_repeatedly(cluster)
    assert cluster.wait() == 0
    wait_until_none_is_left(site.mark)
    assert "Traceback" not in site.logs()


def test_signal_to_all_processes_stops_a_cluster(site):
    """An init system sends it so: each process gets it, in any order."""
    cluster = site.start_cluster()
    job = site.start_job(count=1000, seconds=0.05)
    site.wait_for(job, processed=1)
    os.killpg(cluster.main, signal.SIGTERM)
    cluster.wait()
    wait_until_none_is_left(site.mark)
    progress = site.status(job)["progress"]
    assert (progress["in_flight"], progress["failed"]) == (0, 0)


class KilledInItsSleep:
    """A sentinel that was alive at the last check and is dead now."""

    def is_alive(self):
        return True

    def join(self):
        pass


def test_stop_does_not_wait_for_a_sentinel_that_was_killed_with_the_lock(monkeypatch):
    monkeypatch.setattr(signal, "signal", lambda *_: None)
    cluster = SignalSafeCluster()
    cluster.stop_event = multiprocessing.Event()
    cluster.stop_event._cond.acquire()
    cluster.sentinel = KilledInItsSleep()
    assert cluster.stop()


def test_contradicting_settings_are_reported_at_the_start(site):
    ended = site.run("qcluster", JOBS_HEARTBEAT_SECONDS="5", JOBS_LEASE_SECONDS="6")
    assert ended.returncode == 1
    assert "jobs.E" in ended.stderr


def test_waits_of_a_cluster_are_not_those_of_multiprocessing_which_end_at_a_date():
    cluster = SignalSafeCluster()
    cluster.stop_event = multiprocessing.Event()
    event = cluster.stop_event
    assert isinstance(event, SteadyEvent)
    assert not event.wait(0.05)
    setter = multiprocessing.get_context("fork").Process(target=event.set, daemon=True)
    setter.start()
    assert event.wait(30)
    setter.join()
    cluster.stop_event = None
    assert cluster.stop_event is None
