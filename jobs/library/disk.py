"""Reads the library folder, and nothing outside: no symbolic link is followed.

A link to a file or folder of the library would only show it twice, and any other link leads out.
So links are no files of the library. `LIBRARY_ROOT` itself may be a link.
"""

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import NamedTuple

from jobs.conf import conf
from jobs.exceptions import LibraryUnreadable
from jobs.operations.beneath import FOLDER
from jobs.operations.keys import bytes_from_key, key_from_bytes

Identity = tuple[int, int]
"""Device and inode: they identify a folder under any name."""

Identify = Callable[[os.stat_result], Identity]

SYSTEM_NAMES = frozenset(
    {b"lost+found", b"@eaDir", b"#recycle", b"$RECYCLE.BIN", b"System Volume Information"}
    | {b"Thumbs.db", b"desktop.ini"}
)
SYSTEM_PREFIXES = (b".DS_Store", b".Trash", b".Spotlight-", b".fseventsd", b".TemporaryItems")
"""What systems put into a folder on their own: it counts as empty with nothing else in it."""


class FoundFile(NamedTuple):
    """A regular file of the library: size in bytes, time of change in nanoseconds since 1970."""

    key: str
    size: int
    mtime_ns: int


def identity_of(found: os.stat_result) -> Identity:
    return found.st_dev, found.st_ino


@dataclass(frozen=True, slots=True)
class Root:
    """The library folder as it was when it was opened.

    name      as in the settings, for people
    path      absolute, with links resolved
    excluded  folders that are no part of the library, wherever they are: the site's own data
    mounted   a disk is mounted in its place
    identify  how device and inode are read from the status of a folder
    """

    name: str
    path: bytes
    identity: Identity
    excluded: frozenset[Identity]
    mounted: bool = False
    identify: Identify = identity_of

    @property
    def is_there(self) -> bool:
        """The same folder is still in its place: its disk was not unmounted or replaced."""
        try:
            return self.identify(os.stat(self.path)) == self.identity
        except OSError:
            return False

    @property
    def device(self) -> str:
        return str(self.identity[0])

    @property
    def is_empty(self) -> bool:
        return holds_nothing(self.path)


def holds_nothing(folder: bytes | int) -> bool:
    """Return True for an empty folder, and one with only what systems put there. Raises OSError."""
    with os.scandir(folder) as entries:
        names = (os.fsencode(entry.name) for entry in entries)
        return all(name in SYSTEM_NAMES or name.startswith(SYSTEM_PREFIXES) for name in names)


def open_root(identify: Identify = identity_of) -> Root:
    """The library folder. Raises LibraryUnreadable if it cannot be listed."""
    raw = os.fsencode(conf.library_root)
    named, path = key_from_bytes(raw), os.path.realpath(raw)
    try:
        with os.scandir(path):
            identity = identify(os.stat(path))
        around = identify(os.stat(os.path.dirname(path)))
    except OSError as error:
        raise LibraryUnreadable(root=named, reason=error.strerror or error) from None
    excluded: frozenset[Identity] = frozenset()
    with suppress(OSError):
        excluded = frozenset({identify(os.stat(conf.data_dir))})
    if identity in excluded:
        reason = "the site's own data folder is there; choose another one for either"
        raise LibraryUnreadable(root=named, reason=reason)
    return Root(named, path, identity, excluded, around[0] != identity[0], identify)


def find_file(root: Root, key: str) -> FoundFile | None:
    """The regular file with this key, or None if it does not exist.

    Raises OSError if that is unknown, as for a folder without permission to enter.
    """
    try:
        parts = bytes_from_key(key).split(b"/")
    except ValueError:
        return None
    if any(part in (b"", b".", b"..") or b"\0" in part for part in parts):
        return None
    try:
        folder = os.open(root.path, FOLDER)
    except (FileNotFoundError, NotADirectoryError):
        return None
    try:
        for part in parts[:-1]:
            below = os.open(part, FOLDER | os.O_NOFOLLOW, dir_fd=folder)
            os.close(folder)
            folder = below
            if root.excluded and root.identify(os.fstat(folder)) in root.excluded:
                return None
        found = os.stat(parts[-1], dir_fd=folder, follow_symlinks=False)
    except (FileNotFoundError, NotADirectoryError):
        return None
    finally:
        os.close(folder)
    if stat.S_ISREG(found.st_mode):
        return FoundFile(key, found.st_size, found.st_mtime_ns)
    return None
