"""Safe paths inside the library, and atomic writes."""

import errno
import os
import stat
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from jobs.operations.beneath import open_beneath
from jobs.operations.keys import bytes_from_key
from jobs.operations.results import ItemFailed

GONE = "The file is no longer there"
LEADS_OUT = (
    "The file is a link or in a folder that is one. No link is followed, in case it leads out of "
    "the library"
)
UNSAFE = "This is not the path of a file in the library"


def resolve(root: str | Path, key: str) -> bytes:
    """Return the absolute path of an existing library file, as bytes.

    Raises ItemFailed if it no longer exists, cannot be reached, or is not below `root`: with
    `..`, as an absolute path, or with a symbolic link in any of its parts. The path is that of
    this moment; `open_regular` opens a file that nobody can exchange in between.
    """
    fd = _open(root, key, getattr(os, "O_PATH", os.O_RDONLY | os.O_NONBLOCK))
    try:
        if stat.S_ISLNK(os.fstat(fd).st_mode):
            raise ItemFailed(LEADS_OUT, finding=True)
    finally:
        os.close(fd)
    return os.fsencode(root) + b"/" + bytes_from_key(key)


def open_regular(root: str | Path, key: str) -> int:
    """Open a library file for reading. Returns its descriptor, which the caller closes.

    Raises ItemFailed as `resolve` does, and if it is not a regular file or may not be read.
    Never blocks, not even on a named pipe. Safe while folders and links are being exchanged.
    """
    fd = _open(root, key, os.O_RDONLY | os.O_NONBLOCK)
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise ItemFailed("This is not a file with content but a folder or device", finding=True)
    return fd


def _open(root: str | Path, key: str, flags: int) -> int:
    try:
        return open_beneath(root, bytes_from_key(key).split(b"/"), flags)
    except ValueError:
        raise ItemFailed(UNSAFE, finding=True) from None
    except OSError as error:
        raise unreachable(error, root) from None


def unreachable(error: OSError, root: str | Path) -> ItemFailed:
    """Return the failure that explains to a person why a library file could not be read."""
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        if not os.path.isdir(root):
            return ItemFailed("The library folder is not there. Is its disk mounted?")
        return ItemFailed(GONE)
    if error.errno in (errno.EACCES, errno.EPERM):
        return ItemFailed("The file may not be read: permission denied")
    if error.errno in (errno.ELOOP, errno.EXDEV):
        return ItemFailed(LEADS_OUT, finding=True)
    return ItemFailed(f"The file cannot be read: {error.strerror}")


@contextmanager
def atomic_write(path: Path) -> Iterator[IO[bytes]]:
    """Open a binary file that appears at `path` when the block ends without an exception.

    Replaces an existing file. Safe against a crash: the content reaches the disk before the
    name does. Raises OSError. Leaves no temporary file after an exception.
    """
    temporary = path.parent / f".writing-{uuid.uuid4().hex}"
    fd = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with os.fdopen(fd, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(fd)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise
