"""The batch sizer: the reported rate, and how many items are claimed together."""

import pytest

from jobs.worker.batch_sizer import WINDOW_SECONDS, BatchSizer


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr("jobs.worker.batch_sizer.monotonic", clock)
    return clock


def work(sizer: BatchSizer, clock: Clock, *, seconds: float, items_per_second: int) -> None:
    """Finish a batch each second."""
    for _ in range(int(seconds)):
        clock.now += 1
        sizer.batch_finished(items_per_second, 1.0, cautious=False)


def test_the_rate_is_that_of_the_recent_past(clock: Clock):
    sizer = BatchSizer(0.025, 64)
    work(sizer, clock, seconds=100, items_per_second=50)
    assert sizer.rate == pytest.approx(50)
    work(sizer, clock, seconds=WINDOW_SECONDS + 2, items_per_second=2)
    # The average since the start would be 45.
    assert sizer.rate == pytest.approx(2)


def test_the_rate_falls_while_no_batch_finishes(clock: Clock):
    sizer = BatchSizer(0.025, 64)
    work(sizer, clock, seconds=20, items_per_second=10)
    clock.now += 90
    assert sizer.rate < 2


def test_the_rate_is_0_before_the_first_batch_has_finished(clock: Clock):
    assert BatchSizer(0.025, 64).rate == 0.0


def test_a_batch_at_most_doubles_and_shrinks_at_once(clock: Clock):
    sizer = BatchSizer(0.1, 64)
    sizes = []
    for _ in range(8):
        clock.now += 1
        sizer.batch_finished(sizer.size, 0.001 * sizer.size, cautious=False)
        sizes.append(sizer.size)
    assert sizes == [2, 4, 8, 16, 32, 64, 64, 64]
    sizer.batch_finished(64, 64.0, cautious=False)
    assert sizer.size == 1
    sizer.batch_finished(1, 0.001, cautious=True)
    assert sizer.size == 1
