"""A file with the keys of one job, in `DATA_DIR/preparation`, until their items exist.

An operation is asked for all its keys before the first item is written. Its `items()` may read
them with a cursor on the connection that the items are written on, and SQLite refuses a write
behind a cursor whenever another process has written meanwhile. The file also lets the next worker
of the machine continue without asking again. It is complete as soon as it has its name.
"""

import os
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from time import time
from uuid import UUID

from jobs.conf import conf

_CHUNK_BYTES = 1024 * 1024
_LEFTOVER_SECONDS = 24 * 60 * 60.0
"""A file this old was left by a machine that lost its job to another one, or by a crash."""


class KeyFileError(Exception):
    """The file cannot be read or written; `reason` is the system's, without a path."""

    def __init__(self, error: OSError) -> None:
        self.reason = error.strerror or type(error).__name__
        super().__init__(self.reason)


class KeyFile:
    """The keys of one job, in order. They contain no NUL character."""

    def __init__(self, job_id: UUID) -> None:
        self.path = conf.data_dir / "preparation" / str(job_id)

    @property
    def exists(self) -> bool:
        return self.path.is_file()

    def write(self, keys: Iterable[str]) -> None:
        """Store all keys, or nothing if `keys` raises an exception. Raises KeyFileError."""
        try:
            self._write(keys)
        except OSError as error:
            raise KeyFileError(error) from error

    def _write(self, keys: Iterable[str]) -> None:
        folder = self.path.parent
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_leftovers(folder)
        fd, name = tempfile.mkstemp(prefix="unfinished-", dir=folder)
        try:
            with open(fd, "wb", buffering=_CHUNK_BYTES) as stream:
                for key in keys:
                    stream.write(key.encode() + b"\0")
            os.replace(name, self.path)
        except BaseException:
            os.unlink(name)
            raise

    def read(self) -> Iterator[str]:
        """The keys, a chunk at a time. Raises KeyFileError."""
        rest = b""
        for chunk in self._chunks():
            *whole, rest = (rest + chunk).split(b"\0")
            for key in whole:
                yield key.decode()

    def _chunks(self) -> Iterator[bytes]:
        try:
            with self.path.open("rb") as stream:
                while chunk := stream.read(_CHUNK_BYTES):
                    yield chunk
        except OSError as error:
            raise KeyFileError(error) from error

    def remove(self) -> None:
        """Remove the file; safe to repeat."""
        with suppress(OSError):
            self.path.unlink()


def _remove_leftovers(folder: Path) -> None:
    oldest = time() - _LEFTOVER_SECONDS
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.stat().st_mtime < oldest:
                os.unlink(entry.path)
