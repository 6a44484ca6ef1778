"""Looks at the library folder, and never out of it: no symbolic link is followed.

A link to a file or folder of the library would only show again what is indexed already, and
any other one leads out. So links are no files of the library; `LIBRARY_ROOT` itself may be one.
"""

import os
import stat
from dataclasses import dataclass
from typing import NamedTuple

from jobs import conf
from jobs.exceptions import LibraryUnreadable
from jobs.operations.names import bytes_from_key, key_from_bytes

Identity = tuple[int, int]
"""Device and inode: what a folder is, whatever it is called."""


class Found(NamedTuple):
    """A regular file of the library: its size in bytes, its time in nanoseconds since 1970."""

    key: str
    size: int
    mtime_ns: int


@dataclass(frozen=True, slots=True)
class Root:
    """The library folder as it was when it was opened.

    name      as the settings give it, for people
    path      absolute, with links resolved
    excluded  folders that are no part of the library wherever they lie: our own data
    """

    name: str
    path: bytes
    identity: Identity
    excluded: frozenset[Identity]

    @property
    def is_there(self) -> bool:
        """The same folder is still at this place: its disk was not unmounted or exchanged."""
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
    """The library folder. Raises LibraryUnreadable when it cannot be listed."""
    raw = os.fsencode(conf.library_root())
    named, path = key_from_bytes(raw), os.path.realpath(raw)
    try:
        with os.scandir(path):
            identity = identity_of(os.stat(path))
    except OSError as error:
        raise LibraryUnreadable(root=named, reason=error.strerror or error) from None
    excluded = _data_folder()
    if identity in excluded:
        reason = "the site's own data folder is there; choose another one for either"
        raise LibraryUnreadable(root=named, reason=reason)
    return Root(named, path, identity, excluded)


def look(root: Root, key: str) -> Found | None:
    """The regular file with this key, or None if there is none (any more).

    Raises OSError when that cannot be told, as for a folder that may not be entered.
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
            return Found(key, found.st_size, found.st_mtime_ns)
    return None


def _data_folder() -> frozenset[Identity]:
    try:
        return frozenset({identity_of(os.stat(conf.data_dir()))})
    except OSError:
        return frozenset()
