"""What only one running site may have, its data folder and its port; and who reaches a port."""

import fcntl
import ipaddress
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class AlreadyRunning(Exception):
    """Another process holds the lock. The text is what the holder wrote about itself."""


@contextmanager
def lockfile(path: Path, about: str) -> Iterator[int]:
    """Hold the lock of this file while open, and write `about` into it. Yields its descriptor.

    A fork that keeps the descriptor open keeps the lock.

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
        yield descriptor


def is_loopback(address: str) -> bool:
    """Return True if only programs on this machine reach or have this address.

    Takes an IP address, or the name "localhost"; anything else is no loopback address.
    """
    if address == "localhost":
        return True
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def bound_socket(host: str, port: int) -> socket.socket:
    """Return a TCP socket bound to this address, not listening yet. Child processes inherit it.

    Raises OSError when the port is in use, this account may not bind it, or this machine does not
    have the address.
    """
    family, kind, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    bound = socket.socket(family, kind)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
    except OSError:
        bound.close()
        raise
    bound.set_inheritable(True)
    return bound
