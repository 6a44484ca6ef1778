"""The disks of the library: which folders were mount points, and whether their disks are there.

A folder on another device than the folder around it is a mount point. Scans remember them. A
folder that was one, and is now missing or an ordinary folder of the disk around it, has lost its
disk. A number of a device may change at every start of the machine, so another number alone says
nothing; with nothing in the folder, it is the place of a disk that is not there.
"""

import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from jobs.library.disk import Identity, Root, holds_nothing
from jobs.operations.beneath import FOLDER, open_beneath
from jobs.operations.keys import bytes_from_key


@dataclass(slots=True)
class Mounts:
    """Mount points below the library, by the key of the folder with "/" at its end.

    present  those with a disk, and what identifies it
    absent   those whose disk is not there, and the device that it was
    """

    root: Root
    present: dict[str, Identity] = field(default_factory=dict)
    absent: dict[str, str] = field(default_factory=dict)

    def add(self, folder: str, identity: Identity) -> None:
        """A walk has met this mount point."""
        if folder not in self.absent:
            self.present[folder] = identity

    def without_disk(self, key: str) -> str | None:
        """The mount point without its disk that the file with this key lies in, or None."""
        return next((folder for folder in _folders(key) if folder in self.absent), None)

    def check(self) -> None:
        """Move to `absent` whatever has lost its disk since it was seen."""
        for folder, identity in list(self.present.items()):
            if _identity(self.root, folder) != identity:
                del self.present[folder]
                self.absent[folder] = str(identity[0])


def find_mounts(root: Root, remembered: dict[str, str]) -> Mounts:
    """What has become of mount points, given by key with the device that each was."""
    mounts = Mounts(root)
    for folder, device in remembered.items():
        identity = _mounted(root, folder, device)
        if identity:
            mounts.present[folder] = identity
        else:
            mounts.absent[folder] = device
    return mounts


def _mounted(root: Root, folder: str, device: str) -> Identity | None:
    """What identifies the disk in this folder; None if there is none."""
    identity, around = _identity(root, folder), _identity(root, _around(folder))
    if identity is None or around is None or identity[0] == around[0]:
        return None
    if str(identity[0]) != device:
        with suppress(OSError):
            opened = open_beneath(root.path, _parts(folder), os.O_RDONLY | os.O_DIRECTORY)
            try:
                if holds_nothing(opened):
                    return None
            finally:
                os.close(opened)
    return identity


def _identity(root: Root, folder: str) -> Identity | None:
    try:
        descriptor = open_beneath(root.path, _parts(folder), FOLDER)
    except OSError:
        return None
    try:
        return root.identify(os.fstat(descriptor))
    finally:
        os.close(descriptor)


def _parts(folder: str) -> list[bytes]:
    return bytes_from_key(folder[:-1]).split(b"/") if folder else []


def _around(folder: str) -> str:
    """The key of the folder around this one, "" for the library."""
    return folder[: folder.rfind("/", 0, -1) + 1]


def _folders(key: str) -> Iterator[str]:
    """The folders of a key from the top: "a/", "a/b/" for "a/b/c"."""
    end = key.find("/")
    while end >= 0:
        yield key[: end + 1]
        end = key.find("/", end + 1)
