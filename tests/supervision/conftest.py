"""A supervised cluster on a real site."""

import pytest

from tests.supervision.supervised import Supervised

QUICK = {
    "JOBS_HEARTBEAT_SECONDS": "0.5",
    "JOBS_LEASE_SECONDS": "2",
    "JOBS_STOP_SECONDS": "2",
}


@pytest.fixture
def quick_site(site_factory):
    return site_factory("sqlite", **QUICK)


@pytest.fixture
def supervised(quick_site):
    started = Supervised(quick_site)
    yield started
    started.close()
