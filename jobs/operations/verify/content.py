"""A library file: opened once, read in one pass for its checksum, small ones kept in memory."""

import hashlib
import io
import os
from types import TracebackType
from typing import IO

from jobs.operations.files import open_regular, unreachable
from jobs.operations.item import Item
from jobs.operations.verify.kinds import HEAD_BYTES
from jobs.operations.verify.limits import broken

IN_MEMORY_BYTES = 2 * 1024 * 1024

# One buffer for the life of the process: a fresh one for each file costs more than hashing it.
_buffer = bytearray(1024 * 1024)


class Content:
    """The bytes of one file. Use it as a context manager.

    size, mtime_ns  as they were before reading
    sha256          hex digest of everything
    head            the first HEAD_BYTES
    data            everything, of a file of up to IN_MEMORY_BYTES, else None
    """

    def __init__(self, item: Item) -> None:
        """Open and read the file. Raises ItemFailed when it cannot be read."""
        self._root = item.root
        self._fd = open_regular(item.root, item.key)
        try:
            self._read()
        except BaseException:
            os.close(self._fd)
            raise

    def __enter__(self) -> "Content":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        os.close(self._fd)

    def open(self) -> IO[bytes]:
        """A new seekable stream over the file, from its start."""
        if self.data is not None:
            return io.BytesIO(self.data)
        os.lseek(self._fd, 0, os.SEEK_SET)
        return io.BufferedReader(io.FileIO(self._fd, closefd=False), 256 * 1024)

    def descriptor(self) -> int:
        """The open descriptor, at the file's start, for libraries that read it themselves."""
        os.lseek(self._fd, 0, os.SEEK_SET)
        return self._fd

    def tail(self, count: int) -> bytes:
        """The last `count` bytes."""
        if self.data is not None:
            return self.data[-count:]
        return os.pread(self._fd, count, max(0, self.size - count))

    def fingerprint(self) -> dict[str, str | int]:
        """What tells, next time, whether the content changed without the file's time changing."""
        return {"sha256": self.sha256, "size": self.size, "mtime_ns": self.mtime_ns}

    def check_unchanged(self) -> None:
        """Raise ItemFailed when the file was written to since it was opened."""
        now = os.fstat(self._fd)
        if (now.st_size, now.st_mtime_ns) != (self.size, self.mtime_ns):
            raise broken("The file changed while it was read. Try again when nothing writes to it")

    def _read(self) -> None:
        try:
            status = os.fstat(self._fd)
            self.size = status.st_size
            self.mtime_ns = status.st_mtime_ns
            self.data = self._whole() if self.size <= IN_MEMORY_BYTES else None
            if self.data is not None:
                self.head = self.data[:HEAD_BYTES]
                self.sha256 = hashlib.sha256(self.data).hexdigest()
            else:
                self._hash()
        except OSError as error:
            raise unreachable(error, self._root) from None
        self.check_unchanged()

    def _whole(self) -> bytes:
        parts = []
        while part := os.read(self._fd, IN_MEMORY_BYTES):
            parts.append(part)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def _hash(self) -> None:
        digest = hashlib.sha256()
        view = memoryview(_buffer)
        self.head = b""
        while count := os.readv(self._fd, [_buffer]):
            if not self.head:
                self.head = bytes(view[:HEAD_BYTES])
            digest.update(view[:count])
        self.sha256 = digest.hexdigest()
