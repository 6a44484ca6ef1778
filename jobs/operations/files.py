"""Safe paths inside the library, and writes that are there whole or not at all."""

import errno
import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from jobs.operations.names import bytes_from_key
from jobs.operations.outcome import ItemFailed

GONE = "The file is no longer there"
LEADS_OUT = "The file is a link that leads out of the library, so it is not followed"
UNSAFE = "This is not the path of a file in the library"


def resolve(root: str | Path, key: str) -> bytes:
    """The absolute path of a library file that exists, as bytes.

    Raises ItemFailed when it is gone, cannot be reached, or would lead out of `root`:
    by `..`, as an absolute path, or by a symbolic link anywhere on the way.
    """
    try:
        parts = bytes_from_key(key).split(b"/")
    except ValueError:
        raise ItemFailed(UNSAFE, finding=True) from None
    base = path = os.fsencode(root)
    mode = 0
    try:
        for part in parts:
            if part in (b"", b".", b"..") or b"\0" in part:
                raise ItemFailed(UNSAFE, finding=True)
            path += b"/" + part
            mode = os.lstat(path).st_mode
            if stat.S_ISLNK(mode):
                return _follow(base, b"/".join([base, *parts]))
    except OSError as error:
        raise unreachable(error, root) from None
    return path


def open_regular(root: str | Path, key: str) -> int:
    """A read-only descriptor of a library file; the caller closes it.

    Raises ItemFailed as `resolve` does, and for what is no regular file or may not be read.
    Never waits, not even for a named pipe.
    """
    path = resolve(root, key)
    if os.path.islink(path):
        path = os.path.realpath(path)
    try:
        # NOFOLLOW: the file may have become a link since it was looked at.
        fd = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise unreachable(error, root) from None
    if not stat.S_ISREG(os.fstat(fd).st_mode):
        os.close(fd)
        raise ItemFailed("This is not a file with content but a folder or device", finding=True)
    return fd


def unreachable(error: OSError, root: str | Path) -> ItemFailed:
    """The failure that tells a person why a library file could not be read."""
    if error.errno in (errno.ENOENT, errno.ENOTDIR):
        if not os.path.isdir(root):
            return ItemFailed("The library folder is not there. Is its disk mounted?")
        return ItemFailed(GONE)
    if error.errno in (errno.EACCES, errno.EPERM):
        return ItemFailed("The file may not be read: permission denied")
    if error.errno == errno.ELOOP:
        return ItemFailed(LEADS_OUT, finding=True)
    return ItemFailed(f"The file cannot be read: {error.strerror}")


@contextmanager
def atomic_write(path: Path) -> Iterator[IO[bytes]]:
    """A binary file that appears at `path` when the block ends well, and not before.

    It replaces what was there. Safe against a crash: the content is on the disk before the
    name is. Raises OSError, and leaves no temporary file behind after an exception.
    """
    fd, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(fd, "wb") as stream:
            yield stream
            stream.flush()
            os.fchmod(fd, 0o644)
            os.fsync(fd)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _follow(base: bytes, path: bytes) -> bytes:
    """`path` with a link in it, if it ends inside `base`."""
    target = os.path.realpath(path, strict=True)
    if os.path.commonpath([target, os.path.realpath(base)]) != os.path.realpath(base):
        raise ItemFailed(LEADS_OUT, finding=True)
    return path
