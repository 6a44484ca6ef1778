"""A supervised cluster on a real site."""

import pytest

from tests.supervisor.runcluster import RunCluster

QUICK = {
    "JOBS_HEARTBEAT_SECONDS": "0.5",
    "JOBS_LEASE_SECONDS": "2",
    "JOBS_SHUTDOWN_SECONDS": "2",
}


@pytest.fixture
def quick_site(site_factory):
    return site_factory("sqlite", **QUICK)


@pytest.fixture
def runcluster(quick_site):
    started = RunCluster(quick_site)
    yield started
    started.close()
