"""Opens a library file once and reads it once. Files that are not very large stay in memory."""

import io
import os
from functools import cached_property
from typing import BinaryIO

from jobs.operations.files import open_regular, unreachable
from jobs.operations.item import Item
from jobs.operations.results import ItemFailed
from jobs.operations.verify.hashed import HashedFile
from jobs.operations.verify.kinds import HEAD_BYTES
from jobs.operations.verify.limits import broken

IN_MEMORY_BYTES = 64 * 1024 * 1024
"""Nearly all photos, songs and documents. Their checks read the memory, as often as they like."""
WHOLE_BYTES = 256 * 1024 * 1024
"""A larger file is never read into memory as a whole."""


class Content:
    """The bytes of one file. Use it as a context manager.

    size, mtime_ns  as they were before reading
    head            the first HEAD_BYTES
    data            the whole file if it is in memory, else None
    """

    def __init__(self, item: Item) -> None:
        """Open the file, and read it if it stays in memory. Raises ItemFailed if it cannot be."""
        self._root = item.root
        self._key = item.key
        self.data: bytes | None = None
        self._fd = open_regular(item.root, item.key)
        self._file = HashedFile(self._fd)
        try:
            self._read()
        except BaseException:
            os.close(self._fd)
            raise

    def __enter__(self) -> "Content":
        return self

    def __exit__(self, *error: object) -> None:
        os.close(self._fd)

    def open(self) -> BinaryIO:
        """Return a new seekable stream, at the start of the file."""
        if self.data is not None:
            return io.BytesIO(self.data)
        return self._file.open(self.size)

    def whole(self) -> bytes | None:
        """Return all bytes, which then stay in memory; None for a file of over WHOLE_BYTES."""
        if self.data is None and self.size <= WHOLE_BYTES:
            self.data = self._file.all()
        return self.data

    def descriptor(self) -> int:
        """Return the open descriptor, at the start of the file, for libraries that read it."""
        os.lseek(self._fd, 0, os.SEEK_SET)
        return self._fd

    def read_at(self, place: int, count: int) -> bytes:
        """Return `count` bytes from `place` on, or fewer at the end."""
        if self.data is not None:
            return self.data[place : place + count]
        return self._file.read_at(place, count)

    def tail(self, count: int) -> bytes:
        """Return the last `count` bytes."""
        return self.read_at(max(0, self.size - count), count)

    @cached_property
    def sha256(self) -> str:
        """The hex digest of the whole file. Raises ItemFailed if the rest of it cannot be read."""
        try:
            return self._file.sha256()
        except OSError as error:
            raise unreachable(error, self._root) from None

    def start_of_sibling(self, suffix: str, count: int) -> bytes:
        """Return the first bytes of the file called like this one plus `suffix`; b"" if none."""
        try:
            sibling = open_regular(self._root, self._key + suffix)
        except ItemFailed:
            return b""
        try:
            return os.pread(sibling, count, 0)
        finally:
            os.close(sibling)

    def fingerprint(self) -> dict[str, str | int]:
        """Return what the next run compares to detect a change of content under the same time."""
        return {"sha256": self.sha256, "size": self.size, "mtime_ns": self.mtime_ns}

    def check_unchanged(self) -> None:
        """Raise ItemFailed if the file has been written to since it was opened."""
        now = os.fstat(self._fd)
        if (now.st_size, now.st_mtime_ns) != (self.size, self.mtime_ns):
            raise broken("The file changed while it was read. Try again when nothing writes to it")

    def _read(self) -> None:
        try:
            status = os.fstat(self._fd)
            self.size = status.st_size
            self.mtime_ns = status.st_mtime_ns
            if self.size <= IN_MEMORY_BYTES:
                self.data = self._file.all()
            self.head = self.read_at(0, HEAD_BYTES)
        except OSError as error:
            raise unreachable(error, self._root) from None
        self.check_unchanged()
