"""Reads the library folder, and nothing outside: no symbolic link is followed.

A link to a file or folder of the library would only show it twice, and any other link leads out.
So links are no files of the library. `LIBRARY_ROOT` itself may be a link.
"""

import os
import stat
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from jobs.conf import conf
from jobs.exceptions import LibraryUnreadable
from jobs.operations.keys import bytes_from_key, key_from_bytes

Identity = tuple[int, int]
"""Device and inode: they identify a folder under any name."""


class FoundFile(NamedTuple):
    """A regular file of the library: size in bytes, time of change in nanoseconds since 1970."""

    key: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Root:
    """The library folder as it was when it was opened.

    name      as in the settings, for people
    path      absolute, with links resolved
    excluded  folders that are no part of the library, wherever they are: the site's own data
    """

    name: str
    path: bytes
    identity: Identity
    excluded: frozenset[Identity]

    @property
    def is_there(self) -> bool:
        """The same folder is still in its place: its disk was not unmounted or replaced."""
        try:
            return identity_of(os.stat(self.path)) == self.identity
        except OSError:
            return False

    @property
    def device(self) -> str:
        return str(self.identity[0])

    @property
    def is_empty(self) -> bool:
        with os.scandir(self.path) as entries:
            return next(entries, None) is None


def identity_of(found: os.stat_result) -> Identity:
    return found.st_dev, found.st_ino


def open_root() -> Root:
    """The library folder. Raises LibraryUnreadable if it cannot be listed."""
    raw = os.fsencode(conf.library_root)
    named, path = key_from_bytes(raw), os.path.realpath(raw)
    try:
        with os.scandir(path):
            identity = identity_of(os.stat(path))
    except OSError as error:
        raise LibraryUnreadable(root=named, reason=error.strerror or error) from None
    excluded: frozenset[Identity] = frozenset()
    with suppress(OSError):
        excluded = frozenset({identity_of(os.stat(conf.data_dir))})
    if identity in excluded:
        reason = "the site's own data folder is there; choose another one for either"
        raise LibraryUnreadable(root=named, reason=reason)
    return Root(named, path, identity, excluded)


def find_file(root: Root, key: str) -> FoundFile | None:
    """The regular file with this key, or None if it does not exist.

    Raises OSError if that is unknown, as for a folder without permission to enter.
    """
    try:
        parts = bytes_from_key(key).split(b"/")
    except ValueError:
        return None
    path, last = root.path, len(parts) - 1
    for place, part in enumerate(parts):
        if part in (b"", b".", b"..") or b"\0" in part:
            return None
        path += b"/" + part
        try:
            found = os.lstat(path)
        except (FileNotFoundError, NotADirectoryError):
            return None
        if place < last:
            if not stat.S_ISDIR(found.st_mode) or identity_of(found) in root.excluded:
                return None
        elif stat.S_ISREG(found.st_mode):
            return FoundFile(key, found.st_size, found.st_mtime_ns)
    return None
