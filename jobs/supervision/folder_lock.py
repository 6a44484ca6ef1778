"""One `make run` a data folder: a lock that the kernel drops when its holder dies."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class FolderInUse(Exception):
    """Somebody else holds the lock; the text is what the holder said about itself."""


@contextmanager
def folder_lock(folder: Path, about: str) -> Iterator[None]:
    """Holds `folder/serve.lock` while open. `about` is what a second comer is told.

    Raises FolderInUse at once if another process holds it, OSError if the file cannot be made.
    The file stays; only the lock counts, so a file left by a crash is in nobody's way.
    """
    descriptor = os.open(folder / "serve.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUse(stream.read().strip()) from None
        stream.truncate(0)
        stream.write(about)
        stream.flush()
        yield
