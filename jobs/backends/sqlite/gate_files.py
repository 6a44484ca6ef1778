"""Where the gates of an SQLite database are: beside it, as SQLite's own `-wal` and `-shm`."""

import os
import tempfile
from functools import lru_cache
from pathlib import Path

from django.db import connection

_SUFFIX = "-gates"


def folder() -> Path:
    if connection.is_in_memory_db():  # type: ignore[attr-defined]
        # Nothing outside this process can use it.
        return Path(tempfile.gettempdir(), f"batchsite-{os.getpid()}{_SUFFIX}")
    return _beside(str(connection.settings_dict["NAME"]))


def database() -> Path:
    """The file whose owner and permissions the gates get."""
    found = folder()
    return found.parent / found.name.removesuffix(_SUFFIX)


@lru_cache(maxsize=64)
def _beside(database: str) -> Path:
    """Beside the real file, as SQLite's own files are: a link leads to the same gates.

    Cached, because an operation may change the working directory of its process.
    """
    return Path(os.path.realpath(database) + _SUFFIX)
