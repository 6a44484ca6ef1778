"""No item starts after a cancel or pause has answered."""

import os

import pytest

from tests.races.cancelling import Races
from tests.support.books import check_books, check_runs
from tests.support.setups import SETUPS

CANCELS = int(os.environ.get("RACES", "500"))


@pytest.mark.slow(60)
@pytest.mark.timeout(60 + CANCELS)
@pytest.mark.parametrize("setup", SETUPS)
def test_no_item_starts_after_the_answer(setup, site_factory):
    site = site_factory(setup, workers=4, JOBS_SLICE_SECONDS="0.5")
    site.start_cluster()
    races = Races(site, seed=CANCELS)
    races.run(CANCELS, seconds=30 + CANCELS)
    assert races.late == []
    # Otherwise nothing was tried.
    assert races.in_the_middle > CANCELS / 4
    for job in races.finish():
        check_books(site, job)
        if job.operation == "act":  # the other writes no journal
            assert set(check_runs(site, job).values()) <= {1}
