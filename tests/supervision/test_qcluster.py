"""`manage.py qcluster` that is asked to stop by several senders at once."""

import signal

import pytest

from tests.support.processes import catches, is_alive, wait_until_none_is_left
from tests.support.waiting import wait_until


@pytest.fixture
def site(site_factory):
    return site_factory("sqlite", JOBS_STOP_SECONDS="2")


def stop_again_and_again(cluster):
    """Signals all the time until the main process has ended."""

    def ended():
        for _ in range(50):
            cluster.terminate()
        return not is_alive(cluster.main)

    wait_until(ended, what="the main process has ended")


def test_many_signals_stop_it_like_one(site):
    cluster = site.start_cluster()
    job = site.start_job(count=1000, seconds=0.05)
    site.wait_for(job, processed=1)
    stop_again_and_again(cluster)
    assert cluster.wait() == 0
    wait_until_none_is_left(site.mark)
    assert site.status(job)["progress"]["in_flight"] == 0
    assert "Traceback" not in site.logs()


def test_signals_while_it_starts_stop_it(site):
    cluster = site.start_cluster(wait=False)
    wait_until(lambda: catches(cluster.main, signal.SIGTERM), what="it has its handler")
    stop_again_and_again(cluster)
    assert cluster.wait() == 0
    wait_until_none_is_left(site.mark)
    assert "Traceback" not in site.logs()


def test_settings_that_contradict_each_other_are_told_at_the_start(site):
    ended = site.run("qcluster", JOBS_HEARTBEAT_SECONDS="5", JOBS_LEASE_SECONDS="6")
    assert ended.returncode == 1
    assert "jobs.E" in ended.stderr
