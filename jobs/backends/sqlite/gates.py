"""Everybody else's side of the gates: read what a worker runs, close its gate.

Each held lease has a file beside the database, which all processes share as they share SQLite's
own `-wal` and `-shm`. A worker starts an item while it holds the file's lock and finds the gate
open, and records there what it runs. A cancel, a pause or a release closes the gate under the
same lock, inside the transaction that fences or frees the lease row, and copies the record into
the row. The row is the truth about everything else: a record counts only for the transaction
(`sequence` and start time) of the row that it belongs to.
"""

import fcntl
import os
from collections.abc import Callable, Collection
from contextlib import suppress
from time import monotonic, sleep, time

from django.db import OperationalError

from jobs.backends.base import AnyLease, FenceTimeout, LeaseFields
from jobs.backends.sqlite import gate_file

CLOSE_SECONDS = 0.25
"""How long to wait for a worker that was stopped in the microseconds of a start."""


def refresh(read: Callable[[], list[AnyLease]]) -> list[AnyLease]:
    """Lease rows as `read` finds them, with what their workers run at this moment.

    Counters never decrease between two calls: if a file and its row are of different
    transactions, the rows are read again. These are not older than the files, and if they
    are newer, they count all that the files could report.
    """
    rows = read()
    # A row without a running item has no file that could know better.
    working = [row for row in rows if row.current_item is not None]
    records = {row.token: _read(row.token) for row in working}
    merged = [_merge(row, records[row.token]) for row in working]
    if all(merged):
        return rows
    rows = read()
    for row in rows:
        _merge(row, records.get(row.token))
    return rows


def close(row: LeaseFields) -> bool:
    """Close the worker's gate; True if fields of `row` had to be updated.

    Call it in a transaction that has the database's write lock, with the row as it is there.
    After a rollback the worker opens the gate again. Raises FenceTimeout, after which the call
    may be repeated, and OperationalError.
    """
    if row.token is None:
        return False
    try:
        fd = os.open(gate_file.path_of(row.token), os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return False  # the worker has not begun, and will see the row first
    except OSError as error:
        raise OperationalError(f"Workers cannot be stopped: {error}") from error
    try:
        _lock(fd)
        try:
            gate_file.set_closed(fd, True)
            return _merge(row, gate_file.read(fd))
        finally:
            fcntl.flock(fd, fcntl.LOCK_UN)
    except OSError as error:
        raise OperationalError(f"Workers cannot be stopped: {error}") from error
    finally:
        os.close(fd)


def discard(token: int) -> None:
    """Remove the file of a lease that was released."""
    with suppress(OSError):  # `clean_up` finds it
        gate_file.path_of(token).unlink()


def clean_up(tokens: Collection[int], *, older_than_seconds: float) -> None:
    """Remove files of leases that are no longer held.

    `tokens`: those of all held leases. A worker whose file is removed starts nothing there.
    """
    names = {f"{token:x}" for token in tokens}
    limit = time() - older_than_seconds
    with suppress(OSError), os.scandir(gate_file.folder()) as entries:
        for entry in entries:
            if entry.name not in names and entry.stat().st_mtime < limit:
                os.unlink(entry.path)


def _read(token: int | None) -> gate_file.Record | None:
    if token is None:
        return None
    try:
        fd = os.open(gate_file.path_of(token), os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None  # there is none, or this account may not read it
    try:
        return gate_file.read(fd)
    except OSError:
        return None
    finally:
        os.close(fd)


def _merge(row: LeaseFields, record: gate_file.Record | None) -> bool:
    """Copy the record into the row; False if it belongs to another transaction."""
    if record is None or row.current_item is None:
        return False
    if (record.sequence, record.row_since) != (row.sequence, row.current_since):
        return False
    row.current_item, row.current_since = record.current or None, record.since
    row.batch_succeeded, row.batch_failed = record.succeeded, record.failed
    return True


def _lock(fd: int) -> None:
    deadline = monotonic() + CLOSE_SECONDS
    while True:
        try:
            fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if monotonic() > deadline:
                raise FenceTimeout("A worker stands still in the start of an item") from None
            sleep(0.0005)
        else:
            return
