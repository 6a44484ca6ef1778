"""The file of a gate: where it is, and what is in it.

One byte says whether it is shut, and is written by who shuts it. Behind it is the record of
what the worker runs, written by the worker, with a checksum: who reads takes no lock.
"""

import os
import struct
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

from django.db import OperationalError, connection

_SHUT_AT, _RECORD_AT = 0, 64
_RECORD = struct.Struct("=qdqdqq")
_CHECKSUM = struct.Struct("=I")
_SIZE = _RECORD.size + _CHECKSUM.size


class Record(NamedTuple):
    """What a file tells. `sequence` and `turn_since` are those of the lease row that it goes
    with; `current` is 0 while nothing runs."""

    sequence: int
    turn_since: float
    current: int
    since: float
    succeeded: int
    failed: int


def create(token: int) -> int:
    """A descriptor of the file of this token, which may be there already. Raises OSError."""
    path = path_of(token)
    if not path.parent.is_dir():
        path.parent.mkdir(exist_ok=True)
        _permit_like(path.parent.parent, path.parent)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    _permit_like(Path(connection.settings_dict["NAME"]), path)
    return fd


def path_of(token: int) -> Path:
    name = str(connection.settings_dict["NAME"])
    if connection.is_in_memory_db():  # type: ignore[attr-defined]
        # Nothing outside this process can use it.
        return Path(tempfile.gettempdir(), f"batchsite-gates-{os.getpid()}", f"{token:x}")
    return Path(f"{name}-gates", f"{token:x}")


def is_shut(fd: int) -> bool:
    return os.pread(fd, 1, _SHUT_AT) == b"\1"


def set_shut(fd: int, shut: bool) -> None:
    os.pwrite(fd, b"\1" if shut else b"\0", _SHUT_AT)


def read(fd: int) -> Record | None:
    """What was written last; None if nothing was, or while it is being written."""
    data = os.pread(fd, _SIZE, _RECORD_AT)
    if len(data) != _SIZE:
        return None
    (checksum,) = _CHECKSUM.unpack_from(data, _RECORD.size)
    if checksum != crc32(data[: _RECORD.size]):
        return None
    return Record(*_RECORD.unpack_from(data))


def write(fd: int, record: Record) -> None:
    data = _RECORD.pack(*record)
    os.pwrite(fd, data + _CHECKSUM.pack(crc32(data)), _RECORD_AT)


def _permit_like(model: Path, made: Path) -> None:
    """Who may use the database may use this, as SQLite does it with its own files."""
    with suppress(FileNotFoundError, PermissionError):  # not ours to change
        made.chmod(model.stat().st_mode & 0o777)


def unusable(error: OSError) -> OperationalError:
    """For whoever waits and calls again while the database is away, as after a full disk."""
    return OperationalError(f"The file for starting items cannot be used: {error}")
