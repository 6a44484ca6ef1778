"""Gives SQLite one open file in the place of a file system."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jobs.operations.verify.content import Content

_NAME = "database"
_CACHE_KIB = 8 * 1024


@contextmanager
def open_database(library: Any, content: Content) -> Iterator[Any]:
    """Return a connection to the database in an open file, for reading. `library` is apsw.

    Raises its errors. Tables of modules are taken for unknown, so that no code reads them; those
    that hold their content are checked like all others. Any collation is taken for known.
    """
    files = _file_system(library, f"verify-{id(content)}", content)
    try:
        connection = library.Connection(
            f"file:{_NAME}?immutable=1",
            flags=library.SQLITE_OPEN_READONLY | library.SQLITE_OPEN_URI,
            vfs=files.name,
        )
        try:
            connection.drop_modules(None)
            connection.collation_needed(_add_collation)
            for pragma, value in (
                ("cell_size_check", 1),
                ("trusted_schema", 0),
                ("ignore_check_constraints", 1),
                ("temp_store", 2),
                ("mmap_size", 0),
                ("cache_size", -_CACHE_KIB),
            ):
                connection.pragma(pragma, value)
            yield connection
        finally:
            connection.close(True)
    finally:
        files.unregister()


def _add_collation(connection: Any, name: str) -> None:
    connection.create_collation(name, lambda one, other: (one > other) - (one < other))


def _file_system(library: Any, name: str, content: Content) -> Any:
    """Return a file system, registered at SQLite as `name`, that has one file to read."""

    class File:
        def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
            return content.read_at(offset, amount)

        def xFileSize(self) -> int:  # noqa: N802
            return content.size

        def xFileControl(self, operation: int, pointer: int) -> bool:  # noqa: N802
            return False

        def xDeviceCharacteristics(self) -> int:  # noqa: N802
            return int(library.SQLITE_IOCAP_IMMUTABLE)

        def xSectorSize(self) -> int:  # noqa: N802
            return 4096

        def xCheckReservedLock(self) -> bool:  # noqa: N802
            return False

        def xLock(self, level: int) -> None:  # noqa: N802
            """Nobody else has this file."""

        xUnlock = xLock  # noqa: N815

        def xClose(self) -> None:  # noqa: N802
            """The content closes itself."""

    class Files(library.VFS):
        def __init__(self) -> None:
            super().__init__(name, "")
            self.name = name

        def xFullPathname(self, path: str) -> str:  # noqa: N802
            return path

        def xOpen(self, path: Any, flags: list[int]) -> File:  # noqa: N802
            asked = path.filename() if isinstance(path, library.URIFilename) else path
            if asked != _NAME:
                raise library.CantOpenError("there is no other file")
            return File()

        def xAccess(self, path: str, flags: int) -> bool:  # noqa: N802
            return False

        def xDelete(self, path: str, sync: bool) -> None:  # noqa: N802
            raise library.ReadOnlyError("nothing is deleted")

    return Files()
