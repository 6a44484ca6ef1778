"""Sites for tests of whole processes."""

import shutil

import pytest

from tests.supervision.site import Site


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """A data folder with a database that has its tables: copied, because making it takes long."""
    made = Site(tmp_path_factory.mktemp("migrated"))
    made.data.mkdir()
    made.manage("migrate", "--verbosity", "0")
    return made.data


@pytest.fixture
def site(tmp_path):
    """A site that has never run."""
    made = Site(tmp_path)
    yield made
    made.close()


@pytest.fixture
def ready_site(site, migrated):
    """A site whose database is ready."""
    shutil.copytree(migrated, site.data)
    return site
