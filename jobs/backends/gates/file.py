"""The file of a gate: its permissions, its content.

One byte says whether the gate is closed; the process that closes it writes the byte. The record
of what the worker runs follows. The worker writes it with a checksum, so readers need no lock.
"""

import mmap
import os
import stat
import struct
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

_CLOSED_AT, _RECORD_AT = 0, 64
_RECORD = struct.Struct("=qdqdqq")
_CHECKSUM = struct.Struct("=I")
_SIZE = _RECORD.size + _CHECKSUM.size
Identity = tuple[int, int, int]
"""Inode, device, number of names."""
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


def create(path: Path, model: Path) -> int:
    """A descriptor of the file, which may exist already. Raises OSError.

    File and folder get the owner and permissions of `model` and its folder.
    """
    if not path.parent.is_dir():
        path.parent.mkdir(exist_ok=True)
        _permit_like(model.parent, path.parent)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    _permit_like(model, path)
    return fd


def identity(fd: int) -> Identity | None:
    """Tells this file from all others; None if it was removed. Raises OSError."""
    found = os.fstat(fd)
    return (found.st_ino, found.st_dev, 1) if found.st_nlink else None


def map_closed(fd: int) -> mmap.mmap:
    """Memory whose first byte is not 0 while the gate is closed. Raises OSError.

    Only read: the disk of a page that is written may be full, which would end the process.
    """
    return mmap.mmap(fd, 1, prot=mmap.PROT_READ)


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


def write(fd: int, *record: float) -> None:
    """Write the fields of a Record."""
    data = _RECORD.pack(*record)
    os.pwrite(fd, data + _CHECKSUM.pack(crc32(data)), _RECORD_AT)


def _permit_like(model: Path, made: Path) -> None:
    """Who may use the model may use this, as SQLite does it with its own files."""
    with suppress(FileNotFoundError, PermissionError):  # not ours to change
        wanted = model.stat()
        if os.geteuid() == 0:
            os.chown(made, wanted.st_uid, wanted.st_gid)
        made.chmod(stat.S_IMODE(wanted.st_mode) & (0o7777 if made.is_dir() else 0o666))
