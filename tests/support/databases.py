"""A database for all tests of a folder, in the place of one for each module."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.folders import new_folder
from tests.support.in_process import site_in_process
from tests.support.stacks import ENGINE_STACKS, Servers


def package_database() -> Any:
    """The fixture `module_database` of a folder's conftest. Its tests remove their own rows."""

    @pytest.fixture(scope="package", params=ENGINE_STACKS)
    def module_database(
        request: pytest.FixtureRequest, servers: Servers, django_db_blocker: Any
    ) -> Iterator[str]:
        """Real transactions; nothing is rolled back between the tests. The set-up's name."""
        folder = new_folder("package-")
        with django_db_blocker.unblock():
            environment = servers.new_environment(request.param, folder)
            with site_in_process(environment, LIBRARY_ROOT=folder):
                yield request.param
            servers.drop(environment)

    return module_database
