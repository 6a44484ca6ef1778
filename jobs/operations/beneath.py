"""Opens files below a folder by directory descriptors: no link is followed, nothing leads out.

A path that is checked first and opened afterwards may have been exchanged in between. Here each
part is opened in the folder that was opened before it, by the kernel in one call (`openat2`)
where it can, else part by part.
"""

import ctypes
import errno
import os
import stat
from functools import lru_cache

FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC
"""Flags that open a folder as the start of further paths."""

_OPENAT2 = 437
"""The number of the system call on every architecture of Linux that has a C library for it."""

_RESOLVE = 0x02 | 0x04 | 0x08
"""RESOLVE_NO_MAGICLINKS, RESOLVE_NO_SYMLINKS, RESOLVE_BENEATH."""


class _OpenHow(ctypes.Structure):
    _fields_ = (
        ("flags", ctypes.c_uint64),
        ("mode", ctypes.c_uint64),
        ("resolve", ctypes.c_uint64),
    )


def open_beneath(root: str | bytes | os.PathLike[str], parts: list[bytes], flags: int) -> int:
    """Open the file that `parts` name below the folder `root`; returns its descriptor.

    `root` may be a link. Raises OSError: with ELOOP if a part is a link, with ENOTDIR if a part
    is no folder. With O_PATH, a link in the last place is opened itself. Raises ValueError for a
    part that is no name of a file: empty, `.`, `..`, or with `/` or NUL in it.
    """
    for part in parts:
        if part in (b"", b".", b"..") or b"/" in part or b"\0" in part:
            raise ValueError("This is not the name of a file.")
    flags |= os.O_NOFOLLOW | os.O_CLOEXEC
    start = os.open(root, FOLDER)
    try:
        if not parts:
            return os.open(".", flags, dir_fd=start)
        if has_openat2():
            return _openat2(start, b"/".join(parts), flags)
        return _open_by_parts(start, parts, flags)
    finally:
        os.close(start)


@lru_cache(maxsize=1)
def has_openat2() -> bool:
    """Return True if the kernel has `openat2` and no sandbox forbids it."""
    try:
        start = os.open("/", FOLDER)
        try:
            os.close(_openat2(start, b".", FOLDER))
        finally:
            os.close(start)
    except OSError:
        return False
    return True


def _openat2(start: int, path: bytes, flags: int) -> int:
    how = _OpenHow(flags=flags, mode=0, resolve=_RESOLVE)
    while True:
        found: int = _libc().syscall(
            ctypes.c_long(_OPENAT2), start, path, ctypes.byref(how), ctypes.sizeof(how)
        )
        if found >= 0:
            return found
        number = ctypes.get_errno()
        if number not in (errno.EINTR, errno.EAGAIN):
            raise OSError(number, os.strerror(number))


@lru_cache(maxsize=1)
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _open_by_parts(start: int, parts: list[bytes], flags: int) -> int:
    folder = os.dup(start)
    try:
        for part in parts[:-1]:
            try:
                below = os.open(part, FOLDER | os.O_NOFOLLOW, dir_fd=folder)
            except NotADirectoryError:
                found = os.stat(part, dir_fd=folder, follow_symlinks=False)
                if stat.S_ISLNK(found.st_mode):
                    raise OSError(errno.ELOOP, os.strerror(errno.ELOOP)) from None
                raise
            os.close(folder)
            folder = below
        return os.open(parts[-1], flags, dir_fd=folder)
    finally:
        os.close(folder)
