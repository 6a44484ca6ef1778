"""Captures what operations print: the cluster's log gets it, up to a limit."""

import os
import sys

_PASSED_ON = 64 * 1024
"""Bytes of one item's output that reach the log."""


class Output:
    """A pipe in the place of the child's standard output and error, read by the worker."""

    def __init__(self) -> None:
        self._read, self._write = os.pipe()
        os.set_blocking(self._read, False)
        self._item = 0
        self.item_bytes = 0

    def capture(self) -> None:
        """In the child: everything printed, by C code too, goes into the pipe."""
        sys.stdout.flush()
        sys.stderr.flush()
        os.dup2(self._write, 1)
        os.dup2(self._write, 2)
        os.close(self._read)
        os.close(self._write)

    def watch(self) -> None:
        """In the parent, after the fork: keep only the reading end."""
        os.close(self._write)

    def fileno(self) -> int:
        return self._read

    def drain(self, item: int) -> bool:
        """Read what is there, count it for the `item`-th item; False at the end of the pipe."""
        if item != self._item:
            self._item, self.item_bytes = item, 0
        try:
            data = os.read(self._read, 1 << 20)
        except BlockingIOError:
            return True
        if not data:
            return False
        room = max(0, _PASSED_ON - self.item_bytes)
        self.item_bytes += len(data)
        if room:
            sys.stderr.buffer.write(data[:room])
            sys.stderr.buffer.flush()
        return True

    def close(self) -> None:
        os.close(self._read)
