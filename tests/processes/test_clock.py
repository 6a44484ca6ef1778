"""The clock of durations: no jump of the wall clock moves it."""

import time

import pytest

from jobs.processes import clock
from jobs.processes.identity import machine_id

HOURS = 2 * 60 * 60.0


@pytest.fixture(params=[HOURS, -HOURS])
def jump(request, monkeypatch):
    """The wall clock jumps when this is called."""
    real = time.time

    def jumped():
        monkeypatch.setattr(time, "time", lambda: real() + request.param)

    return jumped


def test_time_elapsed_on_this_machine_does_not_follow_the_wall_clock(jump):
    since, mark = clock.now(), clock.mark()
    jump()
    for _ in range(2):
        assert 0 <= clock.elapsed(since, machine=machine_id(), offset=clock.offset()) < 60
        assert 0 <= clock.since_mark(mark) < 60
        assert 0 <= clock.now() - since < 60


def test_another_process_measures_by_the_offset_that_is_stored_with_a_time(jump):
    since, offset = clock.now(), clock.offset()
    jump()
    try:
        clock.set_date()
        assert abs(clock.now() - time.time()) < 1
        assert 0 <= clock.elapsed(since, machine=machine_id(), offset=offset) < 60
    finally:
        clock._offset = offset


@pytest.mark.parametrize(("machine", "offset"), [("elsewhere/1", 0.0), ("", None)])
def test_time_elapsed_on_another_machine_is_a_difference_of_dates_and_never_negative(
    machine, offset
):
    assert 99 < clock.elapsed(time.time() - 100, machine=machine, offset=offset) < 160
    assert clock.elapsed(time.time() + 100, machine=machine, offset=offset) == 0


@pytest.mark.parametrize("mark", ["", "elsewhere 12.5"])
def test_mark_of_another_boot_tells_nothing(mark):
    assert clock.since_mark(mark) is None
