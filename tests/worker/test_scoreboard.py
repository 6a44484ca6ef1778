"""The numbers that a worker and its executor share."""

from jobs.worker.scoreboard import Scoreboard


def test_listing_of_keys_must_stop_when_its_own_lease_is_fenced():
    scoreboard = Scoreboard()
    assert not scoreboard.must_stop_listing
    scoreboard.lease_taken(1, 11)
    scoreboard.lease_fenced(11)
    assert scoreboard.must_stop_listing
    scoreboard.lease_released()
    scoreboard.lease_taken(2, 22)
    assert not scoreboard.must_stop_listing
    scoreboard.request_yield()
    assert scoreboard.stop_requested
    assert not scoreboard.must_stop_listing
    scoreboard.request_stop()
    assert scoreboard.must_stop_listing
