"""Opens a library file once and reads it in one pass. Small files stay in memory."""

import hashlib
import io
import os
from typing import BinaryIO

from jobs.operations.files import open_regular, unreachable
from jobs.operations.item import Item
from jobs.operations.results import ItemFailed
from jobs.operations.verify.kinds import HEAD_BYTES
from jobs.operations.verify.limits import broken

IN_MEMORY_BYTES = 2 * 1024 * 1024
WHOLE_BYTES = 256 * 1024 * 1024
"""A larger file is never read into memory as a whole."""


class Content:
    """The bytes of one file. Use it as a context manager.

    size, mtime_ns  as they were before reading
    sha256          hex digest of the whole file
    head            the first HEAD_BYTES
    data            the whole file if it has at most IN_MEMORY_BYTES, else None
    """

    def __init__(self, item: Item) -> None:
        """Open and read the file. Raises ItemFailed if it cannot be read."""
        self._root = item.root
        self._key = item.key
        self.data: bytes | None = None
        self._fd = open_regular(item.root, item.key)
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
        os.lseek(self._fd, 0, os.SEEK_SET)
        return io.BufferedReader(io.FileIO(self._fd, closefd=False), 256 * 1024)

    def whole(self) -> bytes | None:
        """Return all bytes; None for a file of more than WHOLE_BYTES."""
        if self.data is not None or self.size > WHOLE_BYTES:
            return self.data
        with self.open() as stream:
            return stream.read()

    def descriptor(self) -> int:
        """Return the open descriptor, at the start of the file, for libraries that read it."""
        os.lseek(self._fd, 0, os.SEEK_SET)
        return self._fd

    def read_at(self, place: int, count: int) -> bytes:
        """Return `count` bytes from `place` on, or fewer at the end."""
        if self.data is not None:
            return self.data[place : place + count]
        return os.pread(self._fd, count, place)

    def tail(self, count: int) -> bytes:
        """Return the last `count` bytes."""
        if self.data is not None:
            return self.data[-count:]
        return os.pread(self._fd, count, max(0, self.size - count))

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
            with io.FileIO(self._fd, closefd=False) as file:
                if self.size <= IN_MEMORY_BYTES:
                    self.data = file.readall()
                    self.sha256 = hashlib.sha256(self.data).hexdigest()
                else:
                    self.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            self.head = self.data[:HEAD_BYTES] if self.data else os.pread(self._fd, HEAD_BYTES, 0)
        except OSError as error:
            raise unreachable(error, self._root) from None
        self.check_unchanged()
