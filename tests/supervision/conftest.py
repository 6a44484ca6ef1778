"""A supervised cluster on a real site."""

import pytest

from tests.supervision.supervised import Supervised


@pytest.fixture
def supervised(site_factory):
    site = site_factory(
        "sqlite",
        JOBS_HEARTBEAT_SECONDS="0.5",
        JOBS_LEASE_SECONDS="2",
        JOBS_STOP_SECONDS="2",
    )
    started = Supervised(site)
    yield started
    started.close()
