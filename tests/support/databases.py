"""A database that several tests share, in the place of one for each."""

from collections.abc import Iterator, Sequence
from typing import Any, Literal

import pytest

from tests.support.folders import new_folder
from tests.support.in_process import site_in_process
from tests.support.stacks import ENGINE_STACKS, STACKS, Servers


def shared_database(scope: Literal["module", "package"], stacks: Sequence[str]) -> Any:
    """The fixture `module_database` of this scope. Its tests remove their own rows."""

    @pytest.fixture(scope=scope, params=stacks)
    def module_database(
        request: pytest.FixtureRequest, servers: Servers, django_db_blocker: Any
    ) -> Iterator[str]:
        """Real transactions; nothing is rolled back between the tests. The set-up's name."""
        folder = new_folder(f"{scope}-")
        with django_db_blocker.unblock():
            environment = servers.new_environment(request.param, folder)
            with site_in_process(environment, LIBRARY_ROOT=folder):
                yield request.param
            servers.drop(environment)

    return module_database


def package_database() -> Any:
    """The fixture `module_database` of a folder's conftest, for all its modules."""
    return shared_database("package", ENGINE_STACKS)


def database_of_each_module() -> Any:
    """The fixture `module_database` of folders that have none for all their modules."""
    return shared_database("module", STACKS[:2])
