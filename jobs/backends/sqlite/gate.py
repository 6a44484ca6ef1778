"""The worker's side of a gate."""

import fcntl
import os
from contextlib import suppress

from django.db import OperationalError

from jobs.backends.sqlite import gate_file


class Gate:
    """A worker starts its items through it while nobody has closed it.

    An item that cannot be recorded here is not started here: the next transaction of the
    LeaseStore starts it in the database.
    """

    def __init__(self, token: int) -> None:
        """Raises OperationalError if the file cannot be created, as on a full disk."""
        self._token = token
        self._fd = -1
        self._row = (-1, 0.0)
        self.since = 0.0
        """Start of the current item, in seconds since the epoch."""
        self._open()

    def close(self) -> None:
        """Close the descriptor. The release of the lease removes the file."""
        if self._is_ours():
            os.close(self._fd)
        self._fd = -1

    def start(self, item_id: int, since: float, succeeded: int, failed: int) -> bool:
        """Start an item, and count the finished ones of its batch; False if it may not start."""
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX)
            try:
                if gate_file.identity(self._fd) != self._identity or gate_file.is_closed(self._fd):
                    return False
                record = gate_file.Record(*self._row, item_id, since, succeeded, failed)
                gate_file.write(self._fd, record)
            finally:
                fcntl.flock(self._fd, fcntl.LOCK_UN)
        except OSError:
            return False
        self.since = since
        return True

    def committed(self, sequence: int, current: int | None, since: float) -> None:
        """The lease row says this since the last commit, and includes what the file recorded.

        If this cannot be written, the file belongs to an earlier transaction and is ignored.
        """
        self._row = (sequence, since)
        self.since = since
        with suppress(OSError):
            if self._is_ours():
                record = gate_file.Record(sequence, since, current or 0, since, 0, 0)
                gate_file.write(self._fd, record)

    def reopen(self) -> None:
        """Open the gate: the locked row is not fenced, and nobody else may change that now.

        A fence may have been rolled back, the file removed, or the descriptor closed: an
        operation can do that to its process. Raises OperationalError.
        """
        if not self._is_ours():
            self._open()
        with suppress(OSError):
            if gate_file.is_closed(self._fd):
                gate_file.set_closed(self._fd, False)

    def _open(self) -> None:
        try:
            self._fd = gate_file.create(self._token)
            self._identity = gate_file.identity(self._fd)
            found = gate_file.read(self._fd)
            if found is None:
                found = gate_file.Record(*self._row, 0, self.since, 0, 0)
                gate_file.write(self._fd, found)  # finds a full disk before anything is claimed
            self.since = found.since
        except OSError as error:
            raise OperationalError(f"Items cannot be started: {error}") from error

    def _is_ours(self) -> bool:
        """Return True if the descriptor is still that of the file, and the file exists."""
        try:
            return gate_file.identity(self._fd) == self._identity
        except OSError:
            return False
