"""The worker's side of a gate."""

import fcntl
import os

from jobs.gates import files


class Gate:
    """The worker's side. Raises OperationalError where the file cannot be read or written."""

    def __init__(self, token: int) -> None:
        try:
            self._fd = files.create(token)
            found = files.read(self._fd)
            if found is None:
                found = files.Record(-1, 0.0, 0, 0.0, 0, 0)
                self._write(found)  # a full disk is found now, before anything is claimed
        except OSError as error:
            raise files.unusable(error) from error
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
                if files.is_shut(self._fd):
                    return False
                self._write(files.Record(*self._turn, item_id, since, succeeded, failed))
            finally:
                fcntl.flock(self._fd, fcntl.LOCK_UN)
        except OSError as error:
            raise files.unusable(error) from error
        return True

    def turned(self, sequence: int, current: int | None, since: float) -> None:
        """The lease row says this since the last commit; what the file told is in it."""
        self._turn = (sequence, since)
        try:
            self._write(files.Record(sequence, since, current or 0, since, 0, 0))
        except OSError as error:
            raise files.unusable(error) from error

    def reopen(self) -> None:
        """The row of this turn is not fenced, and nobody else may change that now.

        Somebody has shut the gate and not committed.
        """
        try:
            if files.is_shut(self._fd):
                files.set_shut(self._fd, False)
        except OSError as error:
            raise files.unusable(error) from error

    def _write(self, record: files.Record) -> None:
        self.since = record.since
        files.write(self._fd, record)
