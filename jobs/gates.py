"""How an item is started on SQLite: through a gate of its worker's own, a small file.

A start must be one atomic step against cancel and pause. PostgreSQL gives that to one UPDATE
of the worker's lease row (`jobs.ledger.postgresql`). On SQLite that UPDATE takes the only write
lock there is, once for every item, and workers would wait for each other more than they work.

So each held place has a file beside the database, which all its processes share as they share
SQLite's own `-wal` and `-shm`. A worker starts an item while it holds the file's lock and finds
the gate open, and writes there what it runs. Who takes the right to start away – cancel, pause,
giving the place back – shuts the gate under the same lock, within the transaction that says so
in the lease row, and carries what the file tells over into the row. The row is the truth about
everything else: the file counts only as far as the row of the same turn.
"""

import fcntl
import os
import struct
import tempfile
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep
from typing import NamedTuple, Protocol
from zlib import crc32

from django.db import OperationalError, connection

_SHUT_AT, _RECORD_AT = 0, 64
_RECORD = struct.Struct("=qdqdqq")
_CHECKSUM = struct.Struct("=I")
_SIZE = _RECORD.size + _CHECKSUM.size

SHUT_SECONDS = 5.0
"""So long is waited for a worker that was stopped in the microseconds of a start."""
LOOKS = 3
"""So often row and file are read, until both are of one turn."""


class Record(NamedTuple):
    """What a file tells. `sequence` and `turn_since` are those of the lease row that it goes
    with; `current` is 0 while nothing runs."""

    sequence: int
    turn_since: float
    current: int
    since: float
    succeeded: int
    failed: int


class Row(Protocol):
    """The fields of a lease row that a file knows better, and those that tell which row it is."""

    token: int | None
    sequence: int
    current_item: int | None
    current_since: float | None
    group_succeeded: int
    group_failed: int


class Gate:
    """The worker's side. Raises OperationalError where the file cannot be read or written."""

    def __init__(self, token: int) -> None:
        path = _path(token)
        try:
            path.parent.mkdir(exist_ok=True)
            self._fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
            found = _read(self._fd)
            if found is None:
                found = Record(-1, 0.0, 0, 0.0, 0, 0)
                self._write(found)  # a full disk is found now, before anything is claimed
        except OSError as error:
            raise _unusable(error) from error
        self._turn = found[:2]
        self.since = found.since
        """Since when the current item runs, in seconds since the epoch."""

    def close(self) -> None:
        """Give up the file. Whoever gives the place back removes it."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def start(self, item_id: int, since: float, succeeded: int, failed: int) -> bool:
        """Start an item, and count those of its group that have ended; False if it is shut."""
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX)
            try:
                if _is_shut(self._fd):
                    return False
                self._write(Record(*self._turn, item_id, since, succeeded, failed))
            finally:
                fcntl.flock(self._fd, fcntl.LOCK_UN)
        except OSError as error:
            raise _unusable(error) from error
        return True

    def turned(self, sequence: int, current: int | None, since: float) -> None:
        """The lease row says this since the last commit; what the file told is in it."""
        self._turn = (sequence, since)
        try:
            self._write(Record(sequence, since, current or 0, since, 0, 0))
        except OSError as error:
            raise _unusable(error) from error

    def reopen(self) -> None:
        """The row of this turn is not fenced, and nobody else may change that now.

        Somebody has shut the gate and not committed.
        """
        try:
            if _is_shut(self._fd):
                os.pwrite(self._fd, b"\0", _SHUT_AT)
        except OSError as error:
            raise _unusable(error) from error

    def _write(self, record: Record) -> None:
        self.since = record.since
        data = _RECORD.pack(*record)
        os.pwrite(self._fd, data + _CHECKSUM.pack(crc32(data)), _RECORD_AT)


def used() -> bool:
    """Whether items are started through gates: on SQLite."""
    return connection.vendor == "sqlite"


def catch_up(rows: Iterable[Row]) -> bool:
    """Put into lease rows that were read what their workers run at this moment.

    False if a file is of another turn than its row: read the rows again (see `LOOKS`), and
    believe them if that does not help: the worker has died between the two.
    """
    if not used():
        return True
    sure = True
    for row in rows:
        sure = _catch_up(row) and sure
    return sure


def _catch_up(row: Row) -> bool:
    if row.token is None or row.current_item is None:
        return True
    try:
        fd = os.open(_path(row.token), os.O_RDONLY | os.O_CLOEXEC)
    except FileNotFoundError:
        return True
    try:
        return _merge(row, _read(fd)) or _is_shut(fd)
    finally:
        os.close(fd)


def shut(row: Row) -> bool:
    """Let the worker start nothing more; whether `row` had to be changed to what it runs.

    In a transaction that has the database's write lock, with the row as it is in there. When
    the transaction is rolled back the worker opens the gate again. Raises OperationalError
    if the worker is held up in the middle of a start.
    """
    if row.token is None or not used():
        return False
    try:
        fd = os.open(_path(row.token), os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False  # it has not begun, and will see the row first
    try:
        _lock(fd)
        os.pwrite(fd, b"\1", _SHUT_AT)
        return row.current_item is not None and _merge(row, _read(fd))
    finally:
        os.close(fd)


def remove(token: int) -> None:
    """The place was given back: nobody needs its file."""
    if used():
        with suppress(FileNotFoundError):
            _path(token).unlink()


def _merge(row: Row, record: Record | None) -> bool:
    if record is None or (record.sequence, record.turn_since) != (row.sequence, row.current_since):
        return False
    row.current_item, row.current_since = record.current or None, record.since
    row.group_succeeded, row.group_failed = record.succeeded, record.failed
    return True


def _lock(fd: int) -> None:
    give_up_at = monotonic() + SHUT_SECONDS
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if monotonic() > give_up_at:
                raise OperationalError("A worker is held up while it starts an item") from None
            sleep(0.0005)
        else:
            return


def _is_shut(fd: int) -> bool:
    return os.pread(fd, 1, _SHUT_AT) == b"\1"


def _read(fd: int) -> Record | None:
    """What was written last; None if nothing was, or while it is being written."""
    data = os.pread(fd, _SIZE, _RECORD_AT)
    if len(data) != _SIZE:
        return None
    (checksum,) = _CHECKSUM.unpack_from(data, _RECORD.size)
    if checksum != crc32(data[: _RECORD.size]):
        return None
    return Record(*_RECORD.unpack_from(data))


def _path(token: int) -> Path:
    name = str(connection.settings_dict["NAME"])
    if connection.is_in_memory_db():  # type: ignore[attr-defined]
        # Nothing outside this process can use it.
        return Path(tempfile.gettempdir(), f"batchsite-gates-{os.getpid()}", f"{token:x}")
    return Path(f"{name}-gates", f"{token:x}")


def _unusable(error: OSError) -> OperationalError:
    return OperationalError(f"The file for starting items cannot be used: {error}")
