"""The stall detector: after how much observed time a worker is presumed dead."""

import pytest

from jobs.lifecycle import recovery
from jobs.lifecycle.recovery import StallDetector
from jobs.models import Lease


class Clock:
    now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock(monkeypatch, settings):
    settings.JOBS_LEASE_SECONDS, settings.JOBS_SWEEP_SECONDS = 10.0, 1.0
    found = Clock()
    monkeypatch.setattr(recovery, "monotonic", found)
    return found


def seconds_until_stalled(detector, clock, lease, *, heartbeats=False, step=1.0, limit=100):
    """Check every `step` seconds; the time until the lease counts as stalled, or None."""
    for check in range(limit):
        lease.heartbeats += heartbeats
        if detector.stalled([lease]):
            return check * step
        clock.now += step
    return None


def test_a_lease_without_a_heartbeat_is_stalled_after_the_lease_time(clock):
    assert seconds_until_stalled(StallDetector(), clock, Lease(token=5, heartbeats=3)) == 10


def test_a_lease_with_heartbeats_is_never_stalled(clock):
    assert seconds_until_stalled(StallDetector(), clock, Lease(token=5), heartbeats=True) is None


def test_a_heartbeat_restarts_the_time(clock):
    detector, lease = StallDetector(), Lease(token=5, heartbeats=3)
    assert seconds_until_stalled(detector, clock, lease, limit=9) is None
    lease.heartbeats += 1
    assert seconds_until_stalled(detector, clock, lease) == 10


def test_the_next_holder_of_a_slot_has_the_full_time(clock):
    detector, lease = StallDetector(), Lease(token=5)
    assert seconds_until_stalled(detector, clock, lease, limit=9) is None
    lease.token = 6
    assert seconds_until_stalled(detector, clock, lease) == 10


def test_unobserved_time_counts_as_two_sweeps(clock):
    detector, lease = StallDetector(), Lease(token=5)
    detector.stalled([lease])
    clock.now += 3600
    assert detector.stalled([lease]) == []
    assert seconds_until_stalled(detector, clock, lease) == 8


def test_rare_checks_take_longer_and_never_shorter(clock):
    assert seconds_until_stalled(
        StallDetector(), clock, Lease(token=5), step=0.1, limit=200
    ) == pytest.approx(10)
    assert seconds_until_stalled(StallDetector(), clock, Lease(token=5), step=60) == 5 * 60
