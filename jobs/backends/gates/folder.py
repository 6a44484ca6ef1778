"""Everybody else's side of the gates: read what a worker runs, close its gate.

Each held lease has a file in a folder that the processes of a machine share. A worker starts an
item while it holds the file's lock and finds the gate open, and records there what it runs. A
fence closes the gate under the same lock. What the record says is copied into the lease row,
which is the truth about everything else: a record counts only for the transaction (`sequence`
and start time) of the row that it belongs to.
"""

import fcntl
import os
from collections.abc import Callable, Collection
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep, time
from typing import Protocol, TypeVar

from django.db import OperationalError

from jobs.backends.gates import file

CLOSE_SECONDS = 0.25
"""How long to wait for a worker that was stopped in the microseconds of a start."""


class FenceTimeout(OperationalError):
    """A worker was stopped, or its process frozen, in the middle of a start.

    The call may be repeated.
    """


class LeaseFields(Protocol):
    """The fields of a lease row that a gate knows better while the row says `gated`."""

    token: int | None
    gated: bool
    sequence: int
    current_item: int | None
    current_since: float | None
    batch_succeeded: int
    batch_failed: int


RUNNING_FIELDS = ("gated", "current_item", "current_since", "batch_succeeded", "batch_failed")

AnyLease = TypeVar("AnyLease", bound=LeaseFields)


class GateFolder:
    """The gates of one database on this machine.

    `path` returns the folder, `model` a file whose owner and permissions the gates get.
    """

    def __init__(self, path: Callable[[], Path], model: Callable[[], Path]) -> None:
        self.path = path
        self.model = model

    def path_of(self, token: int) -> Path:
        return self.path() / f"{token:x}"

    def refresh(self, read: Callable[[], list[AnyLease]]) -> list[AnyLease]:
        """Lease rows as `read` finds them, with what their workers run at this moment.

        Counters never decrease between two calls: if a file and its row are of different
        transactions, the rows are read again. These are not older than the files, and if they
        are newer, they count all that the files could report.
        """
        rows = read()
        gated = [row for row in rows if row.gated]
        records = {row.token: self._read(row.token) for row in gated}
        merged = [_merge(row, records[row.token]) for row in gated]
        if all(merged):
            return rows
        rows = read()
        for row in rows:
            if row.gated:
                _merge(row, records.get(row.token))
        return rows

    def close(self, row: LeaseFields) -> bool:
        """Close the gate of a worker that may start items through it.

        Returns True if RUNNING_FIELDS of `row` were updated. Call it in a transaction that has
        locked the row, with the row as it is there. After a rollback the worker opens the gate
        again. Raises FenceTimeout, after which the call may be repeated, and OperationalError.
        """
        if row.token is None or not row.gated:
            return False
        _merge(row, self.shut(row.token))
        row.gated = False
        return True

    def shut(self, token: int) -> file.Record | None:
        """Close the gate of this token; what its worker has recorded. Raises as `close` does."""
        try:
            fd = os.open(self.path_of(token), os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return None  # its worker is on another machine, or somebody has removed it
        except OSError as error:
            raise OperationalError(f"Workers cannot be stopped: {error}") from error
        try:
            _lock(fd)
            try:
                file.set_closed(fd, True)
                return file.read(fd)
            finally:
                fcntl.flock(fd, fcntl.LOCK_UN)
        except OSError as error:
            raise OperationalError(f"Workers cannot be stopped: {error}") from error
        finally:
            os.close(fd)

    def discard(self, token: int) -> None:
        """Remove the file of a lease that was released."""
        with suppress(OSError):  # `clean_up` finds it
            self.path_of(token).unlink()

    def clean_up(self, tokens: Collection[int], *, older_than_seconds: float) -> None:
        """Remove files of leases that are no longer held.

        `tokens`: those of all held leases. A worker whose file is removed starts nothing there.
        """
        names = {f"{token:x}" for token in tokens}
        limit = time() - older_than_seconds
        with suppress(OSError), os.scandir(self.path()) as entries:
            for entry in entries:
                if entry.name not in names and entry.stat().st_mtime < limit:
                    os.unlink(entry.path)

    def _read(self, token: int | None) -> file.Record | None:
        if token is None:
            return None
        try:
            fd = os.open(self.path_of(token), os.O_RDONLY | os.O_CLOEXEC)
        except OSError:
            return None  # there is none, or this account may not read it
        try:
            return file.read(fd)
        except OSError:
            return None
        finally:
            os.close(fd)


def _merge(row: LeaseFields, record: file.Record | None) -> bool:
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
