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
from collections.abc import Iterable
from contextlib import suppress
from time import monotonic, sleep
from typing import Protocol

from django.db import OperationalError, connection

from jobs.gates import files
from jobs.gates.gate import Gate

__all__ = ["LOOKS", "Gate", "catch_up", "remove", "shut", "used"]

SHUT_SECONDS = 5.0
"""So long is waited for a worker that was stopped in the microseconds of a start."""
LOOKS = 3
"""So often row and file are read, until both are of one turn."""


class Row(Protocol):
    """The fields of a lease row that a file knows better, and those that tell which row it is."""

    token: int | None
    sequence: int
    current_item: int | None
    current_since: float | None
    group_succeeded: int
    group_failed: int


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
        fd = os.open(files.path_of(row.token), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return True  # there is none, or it is not for us: the row is right, if a little late
    try:
        return _merge(row, files.read(fd)) or files.is_shut(fd)
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
        fd = os.open(files.path_of(row.token), os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False  # it has not begun, and will see the row first
    except OSError as error:
        raise files.unusable(error) from error
    try:
        _lock(fd)
        files.set_shut(fd, True)
        return row.current_item is not None and _merge(row, files.read(fd))
    except OSError as error:
        raise files.unusable(error) from error
    finally:
        os.close(fd)


def remove(token: int) -> None:
    """The place was given back: nobody needs its file."""
    if used():
        with suppress(FileNotFoundError):
            files.path_of(token).unlink()


def _merge(row: Row, record: files.Record | None) -> bool:
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
