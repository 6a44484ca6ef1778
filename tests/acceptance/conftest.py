"""A site with a running cluster for all tests of this folder, on each set-up in turn."""

import pytest

from tests.support.fixtures import SiteFactory
from tests.support.site import Site
from tests.support.stacks import STACKS


@pytest.fixture(scope="package", params=STACKS)
def running(request: pytest.FixtureRequest, package_site_factory: SiteFactory) -> Site:
    """Four workers; jobs of more than 1,000 items are prepared by one of them."""
    site = package_site_factory(request.param, workers=4, JOBS_INLINE_ITEMS="1000")
    site.start_cluster()
    return site
