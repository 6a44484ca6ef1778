"""Fixtures for tests with real servers and processes. See `tests.support.site`.

site_factory            makes sites that are closed at the end of the test
module_site_factory     … at the end of the module, for tests that share one
package_site_factory    … of the folder's tests
site                    an empty one on each of the three set-ups
module_database         a database on SQLite and on PostgreSQL, for the module's tests
servers                 the PostgreSQL and Valkey servers of this run
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from tests.support.databases import database_of_each_module
from tests.support.site import Site
from tests.support.stacks import STACKS, Servers

SiteFactory = Callable[..., Site]


@pytest.fixture(scope="session")
def servers() -> Iterator[Servers]:
    found = Servers()
    yield found
    found.close()


def _factory(servers: Servers, blocker: Any) -> Iterator[SiteFactory]:
    with blocker.unblock(), ExitStack() as exits:

        def make(stack: str = "sqlite", *, files: dict[str, bytes] | None = None, **more: Any):
            site = Site(servers, stack, **more)
            exits.callback(site.close)
            site.add_files(files or {})
            return site

        yield make


@pytest.fixture
def site_factory(servers: Servers, django_db_blocker: Any) -> Iterator[SiteFactory]:
    """`site_factory(stack="sqlite", files={path: content}, workers=2, **env)` makes a `Site`."""
    yield from _factory(servers, django_db_blocker)


@pytest.fixture(scope="module")
def module_site_factory(servers: Servers, django_db_blocker: Any) -> Iterator[SiteFactory]:
    """As `site_factory`; its sites live as long as the module's tests."""
    yield from _factory(servers, django_db_blocker)


@pytest.fixture(scope="package")
def package_site_factory(servers: Servers, django_db_blocker: Any) -> Iterator[SiteFactory]:
    """As `site_factory`; its sites live as long as the tests of a folder."""
    yield from _factory(servers, django_db_blocker)


@pytest.fixture(params=STACKS)
def site(request: pytest.FixtureRequest, site_factory: SiteFactory) -> Site:
    """An empty site, without a cluster yet, on each set-up in turn."""
    return site_factory(request.param)


module_database = database_of_each_module()
