"""An empty library with its index, on SQLite and on PostgreSQL in turn."""

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import pytest

from jobs.library.scan import scan_library
from jobs.models import Job, LibraryFile, LibraryScan, RemovedFile, UsedOperation
from tests.support.folders import new_folder
from tests.support.in_process import site_in_process
from tests.support.stacks import Servers, clean_environment

NOBODY = 65534


class Library:
    """A folder of files and the index of it.

    setup        the kind of the database
    environment  the variables with which programs use the same database and folder
    """

    def __init__(self, root: Path, environment: dict[str, str], setup: str) -> None:
        self.root = root
        self.data = Path(environment["DATA_DIR"])
        self.setup = setup
        self.environment = clean_environment(LIBRARY_ROOT=str(root), **environment)
        self.scan = scan_library

    def write(self, *names: str | bytes, content: bytes = b"x") -> None:
        """Write files and their folders. Names that are not UTF-8 are bytes."""
        for name in names:
            path = os.path.join(os.fsencode(self.root), os.fsencode(name))
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "wb") as stream:
                stream.write(content)

    @property
    def indexed(self) -> list[str]:
        """The paths of the index, sorted by code points."""
        return sorted(LibraryFile.objects.values_list("path", flat=True))


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def environment(
    request: pytest.FixtureRequest, servers: Servers, django_db_blocker: Any
) -> Iterator[tuple[str, dict[str, str]]]:
    """The set-up's name and the variables of a database that the module's tests share."""
    with django_db_blocker.unblock():
        found = servers.new_environment(request.param, new_folder("library-"))
        yield request.param, found
        servers.drop(found)


@pytest.fixture
def library(environment: tuple[str, dict[str, str]], tmp_path: Path) -> Iterator[Library]:
    setup, variables = environment
    root = tmp_path / "library"
    root.mkdir()
    with site_in_process(variables, LIBRARY_ROOT=root):
        for model in (Job, LibraryFile, LibraryScan, RemovedFile, UsedOperation):
            model.objects.all().delete()
        yield Library(root, variables, setup)


@pytest.fixture
def unprivileged(library: Library, tmp_path: Path) -> Callable[[], AbstractContextManager[None]]:
    """A context in which the permissions of files apply, even for root."""

    @contextmanager
    def without_privileges() -> Iterator[None]:
        if os.geteuid() != 0:
            yield
            return
        for folder in (tmp_path, *tmp_path.parents):
            if folder == Path(tempfile.gettempdir()):
                break
            folder.chmod(0o755)
        for file in (library.data, *library.data.glob("*")):
            file.chmod(0o777)
        os.seteuid(NOBODY)
        try:
            yield
        finally:
            os.seteuid(0)

    return without_privileges
