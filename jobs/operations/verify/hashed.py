"""Reads a file anywhere, and computes its SHA-256 from what passes, so that it is read once."""

import hashlib
import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

_BUFFER_BYTES = 256 * 1024
_REST_BYTES = 1024 * 1024


class HashedFile:
    """The bytes behind a descriptor, which the caller closes. Its position is never used.

    Most checks read from the start to the end, with looks ahead and back. What was read ahead and
    what no check has read is read again for the checksum.
    """

    def __init__(self, fd: int) -> None:
        self._fd = fd
        self._digest = hashlib.sha256()
        self._hashed = 0
        self._error: OSError | None = None

    def all(self) -> bytes:
        """Return the whole file. Raises OSError."""
        with self._noting_errors(), io.FileIO(self._fd, closefd=False) as file:
            file.seek(0)
            data = file.readall()
        self._passed(data, 0)
        return data

    def read_at(self, place: int, count: int) -> bytes:
        """Return `count` bytes from `place` on, or fewer at the end. Raises OSError."""
        with self._noting_errors():
            data = os.pread(self._fd, count, place)
        self._passed(data, place)
        return data

    def read_into(self, buffer: Any, place: int) -> int:
        """Fill the buffer from `place` on. Returns how many bytes there were. Raises OSError."""
        with self._noting_errors():
            count = os.preadv(self._fd, [buffer], place)
        self._passed(memoryview(buffer)[:count], place)
        return count

    def open(self, size: int) -> BinaryIO:
        """Return a new seekable stream of the first `size` bytes, at its start."""
        return io.BufferedReader(_Stream(self, size), _BUFFER_BYTES)

    def sha256(self) -> str:
        """Return the hex digest of the whole file, after reading what is missing.

        Raises OSError, also for an earlier read that failed: a library may have taken it for
        damage, although the disk or the network was at fault. Safe to call again.
        """
        if self._error is not None:
            raise self._error
        while self.read_at(self._hashed, _REST_BYTES):
            pass
        return self._digest.hexdigest()

    @contextmanager
    def _noting_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self._error = error
            raise

    def _passed(self, data: bytes | memoryview, place: int) -> None:
        end = place + len(data)
        if place <= self._hashed < end:
            self._digest.update(memoryview(data)[self._hashed - place :])
            self._hashed = end


class _Stream(io.RawIOBase):
    """A position in a HashedFile."""

    def __init__(self, file: HashedFile, size: int) -> None:
        self._file = file
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        count = self._file.read_into(buffer, self._at)
        self._at += count
        return count

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        if base + offset < 0:
            raise OSError(22, "a position before the start")
        self._at = base + offset
        return self._at
