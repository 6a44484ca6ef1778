"""The worker's side of a gate."""

import os
from collections.abc import Callable
from contextlib import suppress
from fcntl import LOCK_EX, LOCK_UN, flock
from mmap import mmap

from django.db import OperationalError

from jobs.backends.gates import file
from jobs.backends.gates.folder import GateFolder
from jobs.processes import clock

Permit = Callable[[], float]
"""Returns the moment of `clock.steady` up to which items may be started through a gate."""


class Gate:
    """A worker starts its items through it while nobody has closed it and its permit lasts.

    An item that cannot be recorded here is not started here: the next transaction of the
    LeaseStore starts it in the database.
    """

    def __init__(self, folder: GateFolder, token: int, permit: Permit | None = None) -> None:
        """Without a permit only a fence ends the starts: it closes the gate itself.

        Raises OperationalError if the file cannot be created, as on a full disk.
        """
        self._folder = folder
        self._token = token
        self._permit = permit
        self._fd = -1
        self._row = (-1, 0.0)
        self._identity: file.Identity | None = None
        self._closed: mmap
        self._open()

    def close(self) -> None:
        """Close the descriptor. The release of the lease removes the file."""
        if self._is_ours():
            os.close(self._fd)
        self._fd = -1
        self._closed.close()

    def start(self, item_id: int, since: float, succeeded: int, failed: int) -> bool:
        """Start an item, and count the finished ones of its batch; False if it may not start.

        A process that was stopped in the middle checks its permit again before it continues: it may
        have expired, and others no longer wait for this worker then.
        """
        if not self._is_permitted() or not self._record(item_id, since, succeeded, failed):
            return False
        if self._is_permitted():
            return True
        self._record(0, since, succeeded, failed)  # it runs nothing
        return False

    def _record(self, item_id: int, since: float, succeeded: int, failed: int) -> bool:
        """Write down what runs; False if the gate is closed or the file lost."""
        fd, closed = self._fd, self._closed
        try:
            flock(fd, LOCK_EX)
            try:
                found = os.fstat(fd)
                if (found.st_ino, found.st_dev, found.st_nlink) != self._identity or closed[0]:
                    return False
                file.write(fd, *self._row, item_id, since, succeeded, failed)
            finally:
                flock(fd, LOCK_UN)
        except OSError:
            return False
        return True

    def committed(self, sequence: int, current: int, since: float) -> None:
        """The lease row says this since the last commit, and includes what the file recorded.

        If this cannot be written, the file belongs to an earlier transaction and is ignored.
        """
        self._row = (sequence, since)
        with suppress(OSError):
            if self._is_ours():
                file.write(self._fd, sequence, since, current, since, 0, 0)

    def reopen(self) -> None:
        """Open the gate: the locked row is not fenced, and nobody else may change that now.

        A fence may have been rolled back, the file removed, or the descriptor closed: an
        operation can do that to its process. Raises OperationalError.
        """
        if not self._is_ours():
            self._open()
        with suppress(OSError):
            if self._closed[0]:
                file.set_closed(self._fd, False)

    def _is_permitted(self) -> bool:
        return self._permit is None or clock.steady() < self._permit()

    def _open(self) -> None:
        try:
            self._fd = file.create(self._folder.path_of(self._token), self._folder.model())
            self._identity = file.identity(self._fd)
            if file.read(self._fd) is None:
                # Finds a full disk before anything is claimed.
                file.write(self._fd, *self._row, 0, 0.0, 0, 0)
            self._closed = file.map_closed(self._fd)
        except OSError as error:
            raise OperationalError(f"Items cannot be started: {error}") from error

    def _is_ours(self) -> bool:
        """Return True if the descriptor is still that of the file, and the file exists."""
        try:
            return self._identity is not None and file.identity(self._fd) == self._identity
        except OSError:
            return False
