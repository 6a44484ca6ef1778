"""A site whose periods are short, so that what takes ten seconds in life takes two here."""

import pytest

from tests.support.fixtures import SiteFactory
from tests.support.setups import SETUPS
from tests.support.site import Site

QUICK = {
    "JOBS_HEARTBEAT_SECONDS": "0.5",
    "JOBS_LEASE_SECONDS": "2.5",
    "JOBS_SWEEP_SECONDS": "0.5",
    "JOBS_STOP_SECONDS": "4",
}


@pytest.fixture(params=SETUPS)
def quick_site(request: pytest.FixtureRequest, site_factory: SiteFactory) -> Site:
    """Two workers; a worker that is silent for two and a half seconds is taken for dead."""
    return site_factory(request.param, workers=2, **QUICK)
