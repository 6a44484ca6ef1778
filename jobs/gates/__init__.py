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
from collections.abc import Callable, Collection
from contextlib import suppress
from time import monotonic, sleep, time
from typing import Protocol, TypeVar

from django.db import OperationalError, connection

from jobs.gates import files
from jobs.gates.gate import Gate

__all__ = ["Gate", "HeldUp", "fresh", "remove", "shut", "tidy", "used"]

SHUT_SECONDS = 0.25
"""So long is waited for a worker that was stopped in the microseconds of a start."""


class HeldUp(OperationalError):
    """A worker was stopped, or its process frozen, in the middle of a start."""


class Row(Protocol):
    """The fields of a lease row that a file knows better, and those that tell which row it is."""

    token: int | None
    sequence: int
    current_item: int | None
    current_since: float | None
    group_succeeded: int
    group_failed: int


AnyRow = TypeVar("AnyRow", bound=Row)


def used() -> bool:
    """Whether items are started through gates: on SQLite."""
    return connection.vendor == "sqlite"


def fresh(read: Callable[[], list[AnyRow]]) -> list[AnyRow]:
    """Lease rows as `read` finds them, with what their workers run at this moment.

    Counters never go backwards for who reads again: where file and row are of different
    turns the rows are read once more. These are not older than the files, and if they are
    newer, they count all that the files could tell.
    """
    rows = read()
    if not used():
        return rows
    # What runs nothing, by its row, has no file that could know better.
    at_work = [row for row in rows if row.current_item is not None]
    records = {row.token: _look(row.token) for row in at_work}
    merged = [_merge(row, records[row.token]) for row in at_work]
    if all(merged):
        return rows
    rows = read()
    for row in rows:
        _merge(row, records.get(row.token))
    return rows


def _look(token: int | None) -> files.Record | None:
    if token is None:
        return None
    try:
        fd = os.open(files.path_of(token), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None  # there is none, or it is not for us
    try:
        return files.read(fd)
    except OSError:
        return None
    finally:
        os.close(fd)


def _merge(row: Row, record: files.Record | None) -> bool:
    """Put what the file tells into the row; False if it is not of the same turn."""
    if record is None or row.current_item is None:
        return False
    if (record.sequence, record.turn_since) != (row.sequence, row.current_since):
        return False
    row.current_item, row.current_since = record.current or None, record.since
    row.group_succeeded, row.group_failed = record.succeeded, record.failed
    return True


def shut(row: Row) -> bool:
    """Let the worker start nothing more; whether `row` had to be changed to what it runs.

    In a transaction that has the database's write lock, with the row as it is in there. When
    the transaction is rolled back the worker opens the gate again. Raises HeldUp, after
    which the same may be tried again, and OperationalError.
    """
    if row.token is None or not used():
        return False
    try:
        fd = os.open(files.path_of(row.token), os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False  # it has not begun, and will see the row first
    except OSError as error:
        raise OperationalError(f"Workers cannot be stopped: {error}") from error
    try:
        _lock(fd)
        try:
            files.set_shut(fd, True)
            return _merge(row, files.read(fd))
        finally:
            fcntl.flock(fd, fcntl.LOCK_UN)
    except OSError as error:
        raise OperationalError(f"Workers cannot be stopped: {error}") from error
    finally:
        os.close(fd)


def _lock(fd: int) -> None:
    give_up_at = monotonic() + SHUT_SECONDS
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if monotonic() > give_up_at:
                raise HeldUp("A worker is held up while it starts an item") from None
            sleep(0.0005)
        else:
            return


def remove(token: int) -> None:
    """The place was given back: nobody needs its file."""
    if used():
        with suppress(OSError):  # `tidy` finds it
            files.path_of(token).unlink()


def tidy(held: Collection[int], *, older_than_seconds: float) -> None:
    """Remove files that nobody needs: their removal was cut short, or they were made too late.

    `held`: the tokens of all held leases. A worker whose file is removed starts nothing there.
    """
    if not used():
        return
    names = {f"{token:x}" for token in held}
    limit = time() - older_than_seconds
    with suppress(OSError), os.scandir(files.folder()) as entries:
        for entry in entries:
            if entry.name not in names and entry.stat().st_mtime < limit:
                os.unlink(entry.path)
