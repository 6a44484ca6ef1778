"""When to restart and when to replace, with a clock that the test moves."""

import pytest

from jobs.supervisor.policies import RestartPolicy, StuckDetector


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Observed:
    """A detector that is asked every second."""

    def __init__(self, **settings):
        self.clock = Clock()
        self.detector = StuckDetector(clock=self.clock, **settings)

    def seconds_until_stuck(self, *, work_waiting=True, progress_marker=7, limit=1000):
        """Return how long it took, or None if the cluster was never stuck."""
        for second in range(limit):
            if self.detector.is_stuck(work_waiting=work_waiting, progress_marker=progress_marker):
                return second
            self.clock.now += 1
        return None


def test_cluster_is_stuck_once_work_has_waited_for_the_threshold():
    assert Observed(threshold_seconds=15).seconds_until_stuck() == 15


def test_cluster_without_waiting_work_is_not_stuck():
    assert Observed(threshold_seconds=15).seconds_until_stuck(work_waiting=False) is None


def test_progress_restarts_the_measurement():
    observed = Observed(threshold_seconds=15)
    for marker in range(100):
        assert observed.seconds_until_stuck(progress_marker=marker, limit=10) is None
    # The last progress was ten seconds ago.
    assert observed.seconds_until_stuck(progress_marker=99) == 5


def test_moment_without_waiting_work_restarts_the_measurement():
    observed = Observed(threshold_seconds=15)
    assert observed.seconds_until_stuck(limit=14) is None
    assert observed.seconds_until_stuck(work_waiting=False, limit=1) is None
    assert observed.seconds_until_stuck() == 14


def test_time_between_distant_checks_does_not_count():
    observed = Observed(threshold_seconds=15)
    assert observed.seconds_until_stuck(limit=5) is None
    observed.clock.now += 3600
    assert observed.seconds_until_stuck() == 15


def test_useless_replacements_double_the_threshold_up_to_a_limit():
    observed = Observed(threshold_seconds=15, longest_seconds=100)
    waits = []
    for _ in range(5):
        waits.append(observed.seconds_until_stuck())
        observed.detector.replaced()
    assert waits == [15, 30, 60, 100, 100]


def test_useful_replacement_restores_the_threshold():
    observed = Observed(threshold_seconds=15)
    observed.seconds_until_stuck(progress_marker=1)
    observed.detector.replaced()
    assert observed.seconds_until_stuck(progress_marker=2, limit=10) is None
    assert observed.detector.current_threshold_seconds == 15


def test_restart_waits_double_after_each_short_life():
    policy = RestartPolicy(first_seconds=0.5, longest_seconds=4, healthy_seconds=60)
    assert [policy.wait_seconds(1) for _ in range(5)] == [0.5, 1, 2, 4, 4]


@pytest.mark.parametrize("lived", [60, 10_000])
def test_restart_after_a_long_life_waits_the_first_seconds_again(lived):
    policy = RestartPolicy(first_seconds=0.5, longest_seconds=30, healthy_seconds=60)
    for _ in range(4):
        policy.wait_seconds(1)
    assert policy.wait_seconds(lived) == 0.5
    assert policy.wait_seconds(1) == 1


def test_years_of_restarts_stay_at_the_longest_wait():
    policy = RestartPolicy()
    assert [policy.wait_seconds(0) for _ in range(5000)][-1] == 30.0
