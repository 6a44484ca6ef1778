"""Why a database takes no changes, in sentences; each backend finds out which applies."""

import os
from pathlib import Path

ON_ITS_OWN = "Everything continues on its own afterwards."

DISK_FULL = f"The disk of the database is full. Free some space on it. {ON_ITS_OWN}"
DISK_FAILED = "The disk of the database reports errors. Check the disk and the system's log."
LOCKED = (
    "The database is locked by another program or by a long change of its tables. "
    f"Wait for its end, or end it. {ON_ITS_OWN}"
)
READ_ONLY = (
    "The database can only be read: its disk or server is read-only, or this account may not "
    f"write it. {ON_ITS_OWN}"
)

SPARE_BYTES = 1024 * 1024
"""A disk with less free space counts as full: some small change may still fit, a batch may not."""


def is_full(folder: str | os.PathLike[str]) -> bool:
    """Return True if the file system of this folder has less than SPARE_BYTES left."""
    try:
        found = os.statvfs(Path(folder))
    except OSError:
        return False
    return found.f_bavail * found.f_frsize < SPARE_BYTES
