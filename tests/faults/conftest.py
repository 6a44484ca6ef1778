"""A site with short intervals: what usually takes ten seconds takes two here."""

import pytest

from tests.support.fixtures import SiteFactory
from tests.support.site import Site
from tests.support.stacks import STACKS

QUICK = {
    "JOBS_HEARTBEAT_SECONDS": "0.5",
    "JOBS_LEASE_SECONDS": "2.5",
    "JOBS_SWEEP_SECONDS": "0.5",
    "JOBS_SHUTDOWN_SECONDS": "4",
}


@pytest.fixture(params=STACKS)
def quick_site(request: pytest.FixtureRequest, site_factory: SiteFactory) -> Site:
    """Two workers; one without a heartbeat for two and a half seconds counts as stalled."""
    return site_factory(request.param, workers=2, **QUICK)
