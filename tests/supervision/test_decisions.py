"""When to restart and when to replace, with a clock that the test moves."""

import pytest

from jobs.supervision.decisions import Restarts, StuckWatch


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


class Observed:
    """A watch that is looked at every second."""

    def __init__(self, **settings):
        self.clock = Clock()
        self.watch = StuckWatch(clock=self.clock, **settings)

    def seconds_until_stuck(self, *, waiting=True, claims=7, limit=1000):
        """How long it took, or None if nothing was wrong all the time."""
        for second in range(limit):
            if self.watch.is_stuck(waiting=waiting, claims=claims):
                return second
            self.clock.now += 1
        return None


def test_work_that_waits_and_is_not_taken_is_noticed_after_the_patience():
    assert Observed(patience_seconds=15).seconds_until_stuck() == 15


def test_no_work_is_no_reason():
    assert Observed(patience_seconds=15).seconds_until_stuck(waiting=False) is None


def test_every_claim_begins_the_wait_anew():
    observed = Observed(patience_seconds=15)
    for claims in range(100):
        assert observed.seconds_until_stuck(claims=claims, limit=10) is None
    # The last of these claims was ten seconds ago.
    assert observed.seconds_until_stuck(claims=99) == 5


def test_waiting_that_ended_in_between_does_not_count():
    observed = Observed(patience_seconds=15)
    assert observed.seconds_until_stuck(limit=14) is None
    assert observed.seconds_until_stuck(waiting=False, limit=1) is None
    assert observed.seconds_until_stuck() == 14


def test_time_that_nobody_watched_does_not_count():
    observed = Observed(patience_seconds=15)
    assert observed.seconds_until_stuck(limit=5) is None
    observed.clock.now += 3600
    assert observed.seconds_until_stuck() == 15


def test_a_replacement_in_vain_doubles_the_patience_up_to_a_limit():
    observed = Observed(patience_seconds=15, longest_seconds=100)
    waits = []
    for _ in range(5):
        waits.append(observed.seconds_until_stuck())
        observed.watch.replaced()
    assert waits == [15, 30, 60, 100, 100]


def test_a_replacement_that_helped_restores_the_patience():
    observed = Observed(patience_seconds=15)
    observed.seconds_until_stuck(claims=1)
    observed.watch.replaced()
    assert observed.seconds_until_stuck(claims=2, limit=10) is None
    assert observed.watch.current_patience_seconds == 15


def test_restarts_wait_longer_after_each_short_life():
    restarts = Restarts(first_seconds=0.5, longest_seconds=4, healthy_seconds=60)
    assert [restarts.wait_seconds(1) for _ in range(5)] == [0.5, 1, 2, 4, 4]


@pytest.mark.parametrize("lived", [60, 10_000])
def test_a_long_life_makes_the_next_wait_short_again(lived):
    restarts = Restarts(first_seconds=0.5, longest_seconds=30, healthy_seconds=60)
    for _ in range(4):
        restarts.wait_seconds(1)
    assert restarts.wait_seconds(lived) == 0.5
    assert restarts.wait_seconds(1) == 1


def test_years_of_restarts_stay_at_the_longest_wait():
    restarts = Restarts()
    assert {restarts.wait_seconds(0) for _ in range(5000)} >= {30.0}
