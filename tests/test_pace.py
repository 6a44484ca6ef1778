"""The speed that is told, and how many items are claimed together."""

import pytest

from jobs.runner.pace import WINDOW_SECONDS, Pace


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("jobs.runner.pace.monotonic", clock)
    return clock


def work(pace: Pace, clock: Clock, *, seconds: float, items_a_second: int) -> None:
    """A group each second."""
    for _ in range(int(seconds)):
        clock.now += 1
        pace.group_ended(items_a_second, 1.0, cautious=False)


def test_the_speed_is_that_of_the_recent_past(clock: Clock):
    pace = Pace(0.025, 64)
    work(pace, clock, seconds=100, items_a_second=50)
    assert pace.rate == pytest.approx(50)
    work(pace, clock, seconds=WINDOW_SECONDS + 2, items_a_second=2)
    # The average since the start would be 45.
    assert pace.rate == pytest.approx(2)


def test_the_speed_falls_while_nothing_ends(clock: Clock):
    pace = Pace(0.025, 64)
    work(pace, clock, seconds=20, items_a_second=10)
    clock.now += 90
    assert pace.rate < 2


def test_nothing_is_told_before_something_has_ended(clock: Clock):
    assert Pace(0.025, 64).rate == 0.0


def test_a_group_grows_slowly_and_shrinks_at_once(clock: Clock):
    pace = Pace(0.1, 64)
    wanted = []
    for _ in range(8):
        clock.now += 1
        pace.group_ended(pace.want, 0.001 * pace.want, cautious=False)
        wanted.append(pace.want)
    assert wanted == [2, 4, 8, 16, 32, 64, 64, 64]
    pace.group_ended(64, 64.0, cautious=False)
    assert pace.want == 1
    pace.group_ended(1, 0.001, cautious=True)
    assert pace.want == 1
