"""Removes folders that programs of others have filled: any size, any depth, any permission."""

import math
import os
import stat
import sys
import uuid
from collections.abc import Callable
from pathlib import Path
from time import monotonic

_DEEPEST = 50
"""A folder below this depth is moved up first: each open level needs a descriptor."""
_BETWEEN_CHECKS = 50


def open_folder(name: str | bytes | Path, *, parent: int | None = None) -> int:
    """Return the descriptor of a folder. Raises OSError, also if it is a link."""
    flags = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.open(name, flags, dir_fd=parent)


def remove_tree(name: str | bytes, *, parent: int, deadline: float = math.inf) -> bool:
    """Remove a file, link or folder with all that it holds. Safe to repeat.

    `parent` is the descriptor of the folder that it is in. Follows no link. Return False if the
    deadline (of `time.monotonic`) was reached before all was gone. Raises OSError.
    """
    return _Removal(deadline).remove(os.fsencode(name), parent, depth=0)


class _Removal:
    def __init__(self, deadline: float) -> None:
        self.deadline = deadline
        self.removed = 0
        self.top: int | None = None

    def remove(self, name: bytes, parent: int, depth: int) -> bool:
        try:
            if not _is_folder(name, parent):
                _with_permission(lambda: os.unlink(name, dir_fd=parent), parent)
                return self._may_continue()
            if depth > _DEEPEST and self.top is not None:
                self._move_up(name, parent, self.top)
                return self._may_continue()
            fd = _opened(name, parent)
            try:
                if depth == 0:
                    self.top = fd
                if not self._empty(fd, depth + 1):
                    return False
            finally:
                os.close(fd)
            _with_permission(lambda: os.rmdir(name, dir_fd=parent), parent)
        except FileNotFoundError:
            pass  # another process removes it, too
        return self._may_continue()

    def _move_up(self, name: bytes, parent: int, top: int) -> None:
        """Move a deep folder to where the next round finds it."""
        target = uuid.uuid4().hex
        _with_permission(lambda: os.rename(name, target, src_dir_fd=parent, dst_dir_fd=top), parent)

    def _empty(self, fd: int, depth: int) -> bool:
        while True:
            names = 0
            # Not listed before: it may hold a million.
            with os.scandir(fd) as entries:
                for entry in entries:
                    names += 1
                    if not self.remove(os.fsencode(entry.name), fd, depth):
                        return False
            if not names:
                return True

    def _may_continue(self) -> bool:
        self.removed += 1
        return self.removed % _BETWEEN_CHECKS != 0 or monotonic() < self.deadline


def _is_folder(name: bytes, parent: int) -> bool:
    return stat.S_ISDIR(os.stat(name, dir_fd=parent, follow_symlinks=False).st_mode)


def _with_permission(call: Callable[[], None], parent: int) -> None:
    """Call, and call again after making the folder writable if it is not."""
    try:
        call()
    except PermissionError:
        os.fchmod(parent, 0o700)
        call()


def _opened(name: bytes, parent: int) -> int:
    """Return the descriptor of a folder, which is made readable if it is not."""
    try:
        return open_folder(name, parent=parent)
    except PermissionError:
        if not sys.platform.startswith("linux"):
            raise
        # By way of a descriptor, because there may be a link by this name now.
        path = os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=parent)
        try:
            os.chmod(f"/proc/self/fd/{path}", 0o700)
        finally:
            os.close(path)
        return open_folder(name, parent=parent)
