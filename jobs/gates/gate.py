"""The worker's side of a gate."""

import fcntl
import os
from contextlib import suppress

from django.db import OperationalError

from jobs.gates import files


class Gate:
    """Through it a worker starts its items, while nobody has shut it.

    What cannot be written here is not started here: the worker's next turn starts it in the
    database.
    """

    def __init__(self, token: int) -> None:
        """Raises OperationalError if the file cannot be made, as on a full disk."""
        self._token = token
        self._fd = -1
        self._turn = (-1, 0.0)
        self.since = 0.0
        """Since when the current item runs, in seconds since the epoch."""
        self._open()

    def close(self) -> None:
        """Give up the file. Whoever gives the place back removes it."""
        if self._is_ours():
            os.close(self._fd)
        self._fd = -1

    def start(self, item_id: int, since: float, succeeded: int, failed: int) -> bool:
        """Start an item, and count those of its group that have ended; False if it may not be."""
        try:
            fcntl.flock(self._fd, fcntl.LOCK_EX)
            try:
                if files.identity(self._fd) != self._identity or files.is_shut(self._fd):
                    return False
                files.write(self._fd, files.Record(*self._turn, item_id, since, succeeded, failed))
            finally:
                fcntl.flock(self._fd, fcntl.LOCK_UN)
        except OSError:
            return False
        self.since = since
        return True

    def turned(self, sequence: int, current: int | None, since: float) -> None:
        """The lease row says this since the last commit; what the file told is in it.

        If that cannot be written, the file is of an earlier turn and nobody believes it.
        """
        self._turn = (sequence, since)
        self.since = since
        with suppress(OSError):
            if self._is_ours():
                files.write(self._fd, files.Record(sequence, since, current or 0, since, 0, 0))

    def reopen(self) -> None:
        """The row of this turn is not fenced, and nobody else may change that now.

        Somebody may have shut the gate and not committed, removed the file, or closed it: an
        operation can do that to its process. Raises OperationalError.
        """
        if not self._is_ours():
            self._open()
        with suppress(OSError):
            if files.is_shut(self._fd):
                files.set_shut(self._fd, False)

    def _open(self) -> None:
        try:
            self._fd = files.create(self._token)
            self._identity = files.identity(self._fd)
            found = files.read(self._fd)
            if found is None:
                found = files.Record(*self._turn, 0, self.since, 0, 0)
                files.write(self._fd, found)  # a full disk is found before anything is claimed
            self.since = found.since
        except OSError as error:
            raise OperationalError(f"Items cannot be started: {error}") from error

    def _is_ours(self) -> bool:
        """Whether the descriptor is still that of the file, and the file is there."""
        try:
            return files.identity(self._fd) == self._identity
        except OSError:
            return False
