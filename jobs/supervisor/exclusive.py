"""What only one running site may have: its data folder and its port."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(Exception):
    """Another process holds the lock. The text is what the holder wrote about itself."""


@contextmanager
def lockfile(path: Path, about: str) -> Iterator[None]:
    """Hold the lock of this file while open, and write `about` into it.

    Raises AlreadyRunning at once if another process holds it, OSError if the file cannot be
    created. The file stays. Only the lock counts, so a file left by a crash blocks nobody.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(stream.read().strip()) from None
        stream.truncate(0)
        stream.write(about)
        stream.flush()
        yield


def loopback_socket(port: int) -> socket.socket:
    """Return a TCP socket bound to 127.0.0.1, not listening yet. Child processes inherit it.

    Raises OSError when the port is in use or this account may not bind it.
    """
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", port))
    except OSError:
        bound.close()
        raise
    bound.set_inheritable(True)
    return bound
