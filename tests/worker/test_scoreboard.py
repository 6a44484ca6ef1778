"""The numbers that a worker and its executor share."""

from jobs.worker.scoreboard import Scoreboard


def test_preparation_must_stop_when_its_own_lease_is_fenced():
    scoreboard = Scoreboard()
    assert not scoreboard.must_stop_preparing
    scoreboard.lease_taken(1, 11)
    scoreboard.lease_fenced(11)
    assert scoreboard.must_stop_preparing
    scoreboard.lease_released()
    scoreboard.lease_taken(2, 22)
    assert not scoreboard.must_stop_preparing
    scoreboard.request_stop()
    assert scoreboard.must_stop_preparing
