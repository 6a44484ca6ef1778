"""An empty library with its index, on SQLite and on PostgreSQL in turn."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from jobs.library.scan import scan_library
from jobs.models import LibraryFile
from tests.support.inprocess import site_in_process
from tests.support.setups import Servers, clean_environment

NOBODY = 65534


class Library:
    """A folder of files and the index of it.

    setup        the kind of the database
    environment  the variables that programs need to work on the same
    """

    def __init__(self, root: Path, environment: dict[str, str], setup: str) -> None:
        self.root = root
        self.data = Path(environment["DATA_DIR"])
        self.setup = setup
        self.environment = clean_environment(LIBRARY_ROOT=str(root), **environment)
        self.scan = scan_library

    def write(self, *names: str | bytes, content: bytes = b"x") -> None:
        """Write files; folders are made. Names are bytes where they are no UTF-8."""
        for name in names:
            path = os.path.join(os.fsencode(self.root), os.fsencode(name))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as stream:
                stream.write(content)

    @property
    def indexed(self) -> list[str]:
        """The paths of the index, by path as Python orders text: by code points."""
        return sorted(LibraryFile.objects.values_list("path", flat=True))


@pytest.fixture(params=["sqlite", "postgres"])
def library(
    request: pytest.FixtureRequest, servers: Servers, tmp_path: Path, django_db_blocker: Any
) -> Iterator[Library]:
    environment = servers.new_environment(request.param, tmp_path / "data")
    root = tmp_path / "library"
    root.mkdir()
    with (
        django_db_blocker.unblock(),
        site_in_process(environment, LIBRARY_ROOT=root),
    ):
        yield Library(root, environment, request.param)
    servers.drop(environment)


@pytest.fixture
def unprivileged(tmp_path: Path) -> Callable[[], AbstractContextManager[None]]:
    """Within it the rights of files count, for root as well."""

    @contextmanager
    def without_rights() -> Iterator[None]:
        if os.geteuid() != 0:
            yield
            return
        for folder in (tmp_path, *tmp_path.parents):
            if folder == Path(tempfile.gettempdir()):
                break
            folder.chmod(0o755)
        for file in (tmp_path / "data", *(tmp_path / "data").glob("*")):
            file.chmod(0o777)
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)

    return without_rights
