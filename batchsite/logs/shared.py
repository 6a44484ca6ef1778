"""Counts of log lines in a small file that all processes of a site share.

The file has a fixed size: counters of lines per second, and a table of the messages that were
written last, in which each message has one bucket. So a line costs the same whatever was logged.
"""

import fcntl
import os
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

REPEAT_SECONDS = 60.0

_COUNTER = struct.Struct("<qII")  # second, lines in it, lines dropped and not reported yet
_COUNTERS = 2
_ENTRY = struct.Struct("<8sdI")  # digest of the message, when it was written, suppressed since
_BUCKET_ENTRIES = 4
_BUCKET = _ENTRY.size * _BUCKET_ENTRIES
_BUCKETS = 1024
_TABLE = _COUNTER.size * _COUNTERS
SIZE = _TABLE + _BUCKET * _BUCKETS

_LATE_SECONDS = 2
_LOCK_TRIES = 20
_LOCK_PAUSE_SECONDS = 0.0005


@dataclass(frozen=True, slots=True)
class Passed:
    """A line that may be written, and how many were not since the last one."""

    suppressed: int
    dropped: int


class SharedCounts:
    """The counts of one file. Without a usable file they are those of this process alone."""

    def __init__(self, file: Path | None) -> None:
        self._file = file
        self._own = bytearray(SIZE)
        self._descriptor = -1
        self._identity: tuple[int, int] | None = None
        self._lock = threading.Lock()
        os.register_at_fork(after_in_child=self._after_fork)

    def take(
        self, now: float, limit: float, digest: bytes | None, *, counter: int
    ) -> Passed | None:
        """Count a line, written at this time. Return None if it must not be written.

        At most `limit` lines of a counter are written in a second; 0 means no limit. A line with
        a digest is written once in REPEAT_SECONDS.
        """
        with self._locked():
            second, lines, dropped = self._counter(counter)
            # Another process may be late with a line of the second before.
            if not 0 <= second - int(now) <= _LATE_SECONDS:
                second, lines = int(now), 0
            if limit and lines >= limit:
                self._put_counter(counter, second, lines, dropped + 1)
                return None
            suppressed, forgotten = (0, 0) if digest is None else self._repeated(digest, now)
            if suppressed is None:
                return None
            self._put_counter(counter, second, lines + 1, 0)
            return Passed(suppressed, dropped + forgotten)

    def _repeated(self, digest: bytes, now: float) -> tuple[int | None, int]:
        """Return how many of this message were suppressed; None if this one has to be, too.

        The second number is the count of a message that was removed from the table for this one.
        """
        place = _TABLE + int.from_bytes(digest[:4], "little") % _BUCKETS * _BUCKET
        entries = list(_ENTRY.iter_unpack(self._read(place, _BUCKET)))
        number = next((i for i, entry in enumerate(entries) if entry[0] == digest), None)
        forgotten = 0
        if number is None:
            number = min(range(_BUCKET_ENTRIES), key=lambda i: entries[i][1])
            suppressed, forgotten = 0, entries[number][2]
        else:
            _, at, suppressed = entries[number]
            if 0 <= now - at < REPEAT_SECONDS:
                self._put_entry(place, number, digest, at, suppressed + 1)
                return None, 0
        self._put_entry(place, number, digest, now, 0)
        return suppressed, forgotten

    def _counter(self, number: int) -> tuple[int, int, int]:
        place = number * _COUNTER.size
        second, lines, dropped = _COUNTER.unpack(self._read(place, _COUNTER.size))
        return second, lines, dropped

    def _put_counter(self, number: int, second: int, lines: int, dropped: int) -> None:
        most = 2**32 - 1
        packed = _COUNTER.pack(second, min(lines, most), min(dropped, most))
        self._write(number * _COUNTER.size, packed)

    def _put_entry(
        self, place: int, number: int, digest: bytes, at: float, suppressed: int
    ) -> None:
        packed = _ENTRY.pack(digest, at, min(suppressed, 2**32 - 1))
        self._write(place + number * _ENTRY.size, packed)

    def _read(self, place: int, size: int) -> bytes:
        if self._descriptor >= 0:
            with suppress(OSError):
                if len(found := os.pread(self._descriptor, size, place)) == size:
                    return found
        return bytes(self._own[place : place + size])

    def _write(self, place: int, data: bytes) -> None:
        self._own[place : place + len(data)] = data
        if self._descriptor >= 0:
            with suppress(OSError):
                os.pwrite(self._descriptor, data, place)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with self._lock:
            self._open()
            is_locked = self._descriptor >= 0 and self._lock_file()
            try:
                yield
            finally:
                if is_locked:
                    with suppress(OSError):
                        fcntl.lockf(self._descriptor, fcntl.LOCK_UN)

    def _lock_file(self) -> bool:
        """Return False after a while: a process that is stopped may hold the lock.

        Then two processes may write the same line, which is better than none that continues.
        """
        for _ in range(_LOCK_TRIES):
            try:
                fcntl.lockf(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                time.sleep(_LOCK_PAUSE_SECONDS)
            else:
                return True
        return False

    def _open(self) -> None:
        """Open the file unless it is open. Its folder may not exist yet, or never."""
        if self._descriptor >= 0:
            with suppress(OSError):
                if self._identity == _identity(self._descriptor):
                    return
            self._descriptor = -1  # closed by other code; another file may have the number now
        if self._file is None:
            return
        with suppress(OSError):
            flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW
            descriptor = os.open(self._file, flags, 0o600)
            self._identity = _identity(descriptor)
            if os.fstat(descriptor).st_size < SIZE:
                os.ftruncate(descriptor, SIZE)
            self._descriptor = descriptor

    def _after_fork(self) -> None:
        """Another thread of the parent may have held the lock, and is not here to release it."""
        self._lock = threading.Lock()


def _identity(descriptor: int) -> tuple[int, int]:
    stat = os.fstat(descriptor)
    return stat.st_dev, stat.st_ino
