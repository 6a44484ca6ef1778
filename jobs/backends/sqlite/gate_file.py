"""The file of a gate: its path, its permissions, its content.

One byte says whether the gate is closed; the process that closes it writes the byte. The record
of what the worker runs follows. The worker writes it with a checksum, so readers need no lock.
"""

import os
import stat
import struct
import tempfile
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from django.db import connection

_CLOSED_AT, _RECORD_AT = 0, 64
_RECORD = struct.Struct("=qdqdqq")
_CHECKSUM = struct.Struct("=I")
_SIZE = _RECORD.size + _CHECKSUM.size
_READS = 5
"""A record that is just being written is complete at the next read."""


class Record(NamedTuple):
    """What the worker runs. `sequence` and `row_since` are those of the lease row that the record
    belongs to; `current` is 0 while nothing runs. Times are seconds since the epoch."""

    sequence: int
    row_since: float
    current: int
    since: float
    succeeded: int
    failed: int


def create(token: int) -> int:
    """A descriptor of the file of this token, which may exist already. Raises OSError."""
    made = folder()
    database = made.parent / made.name.removesuffix(_SUFFIX)
    if not made.is_dir():
        made.mkdir(exist_ok=True)
        _permit_like(made.parent, made)
    path = path_of(token)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    _permit_like(database, path)
    return fd


def folder() -> Path:
    if connection.is_in_memory_db():  # type: ignore[attr-defined]
        # Nothing outside this process can use it.
        return Path(tempfile.gettempdir(), f"batchsite-{os.getpid()}{_SUFFIX}")
    return _beside(str(connection.settings_dict["NAME"]))


_SUFFIX = "-gates"


@lru_cache(maxsize=64)
def _beside(database: str) -> Path:
    """Beside the real file, as SQLite's own files are: a link leads to the same gates.

    Cached, because an operation may change the working directory of its process.
    """
    return Path(os.path.realpath(database) + _SUFFIX)


def path_of(token: int) -> Path:
    return folder() / f"{token:x}"


def identity(fd: int) -> tuple[int, int] | None:
    """Tells this file from all others; None if it was removed. Raises OSError."""
    found = os.fstat(fd)
    return (found.st_dev, found.st_ino) if found.st_nlink else None


def is_closed(fd: int) -> bool:
    return os.pread(fd, 1, _CLOSED_AT) == b"\1"


def set_closed(fd: int, closed: bool) -> None:
    os.pwrite(fd, b"\1" if closed else b"\0", _CLOSED_AT)


def read(fd: int) -> Record | None:
    """What was written last; None if nothing was, or if its writer died in the middle."""
    for _ in range(_READS):
        data = os.pread(fd, _SIZE, _RECORD_AT)
        if len(data) != _SIZE:
            return None
        (checksum,) = _CHECKSUM.unpack_from(data, _RECORD.size)
        if checksum == crc32(data[: _RECORD.size]):
            return Record(*_RECORD.unpack_from(data))
    return None


def write(fd: int, record: Record) -> None:
    data = _RECORD.pack(*record)
    os.pwrite(fd, data + _CHECKSUM.pack(crc32(data)), _RECORD_AT)


def _permit_like(model: Path, made: Path) -> None:
    """Who may use the database may use this, as SQLite does it with its own files."""
    with suppress(FileNotFoundError, PermissionError):  # not ours to change
        wanted = model.stat()
        if os.geteuid() == 0:
            os.chown(made, wanted.st_uid, wanted.st_gid)
        made.chmod(stat.S_IMODE(wanted.st_mode))
