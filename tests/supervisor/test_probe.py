"""The probe's thread: results, failures and checks that hang."""

import threading

import pytest

from jobs.supervisor import probe as probe_module
from jobs.supervisor.probe import Probe, ProbeResult
from tests.support.waiting import wait_until


@pytest.fixture
def often(monkeypatch):
    monkeypatch.setattr(probe_module, "INTERVAL_SECONDS", 0.01)


@pytest.fixture
def probing():
    """Starts probes that are stopped at the end of the test."""
    started = []

    def start(check):
        probe = Probe(check)
        started.append(probe)
        probe.start()
        return probe

    yield start
    for probe in started:
        probe.stop()


@pytest.mark.usefixtures("often")
def test_result_is_returned_once(probing):
    once = threading.Semaphore()
    probe = probing(lambda: once.acquire(timeout=60) and ProbeResult(True, 5))
    assert wait_until(probe.take) == ProbeResult(work_waiting=True, progress_marker=5)
    assert probe.take() is None
    once.release()


@pytest.mark.usefixtures("often")
def test_failed_checks_are_logged_once_and_followed_by_others(probing, caplog):
    results = iter([ProbeResult(True, 1), OSError("away"), OSError("away"), ProbeResult(True, 2)])

    def check():
        result = next(results, ProbeResult(True, 3))
        if isinstance(result, OSError):
            raise result
        return result

    probe = probing(check)
    wait_until(lambda: getattr(probe.take(), "progress_marker", None) == 3)
    assert [record.message for record in caplog.records] == [
        "Cannot check for waiting work",
        "Can check for waiting work again",
    ]


@pytest.mark.usefixtures("often")
def test_check_that_hangs_gives_no_result_and_delays_no_stop(probing):
    hangs, may_end = threading.Event(), threading.Event()

    def check():
        hangs.set()
        may_end.wait(60)
        return ProbeResult(True, 1)

    probe = probing(check)
    assert hangs.wait(60)
    assert probe.take() is None
    probe.stop()
    may_end.set()
