"""The output folder of a job in this machine's data folder: where it is, its size, its removal."""

import math
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from jobs.conf import conf
from jobs.models import Job
from jobs.operations.removal import open_folder, remove_tree

COUNTED = 10_000
"""Files and folders that are counted for a question; more take too long."""


@dataclass(frozen=True, slots=True)
class OutputSize:
    """How much a job has written: files, their bytes, and whether there is more than that."""

    files: int = 0
    size_bytes: int = 0
    more: bool = False

    def __add__(self, other: "OutputSize") -> "OutputSize":
        more = self.more or other.more
        return OutputSize(self.files + other.files, self.size_bytes + other.size_bytes, more)


def folder_of(operation: str, job_id: object) -> Path:
    """Return the folder for the outputs of one job; it is created when an item asks for it."""
    return conf.data_dir / "outputs" / operation / str(job_id)


def measure(job: Job) -> OutputSize:
    """Return the size of a job's outputs, of the first COUNTED entries. Never raises."""
    files = size = entries = 0
    folders = [str(folder_of(job.operation, job.pk))]
    while folders:
        with suppress(OSError), os.scandir(folders.pop()) as found:
            for entry in found:
                entries += 1
                if entries > COUNTED:
                    return OutputSize(files, size, more=True)
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
                else:
                    files += 1
                    size += entry.stat(follow_symlinks=False).st_size
    return OutputSize(files, size)


def remove(job: Job, *, deadline: float = math.inf) -> bool:
    """Remove the outputs of a job. Safe to repeat, and in several processes at once.

    Follows no link below `outputs`. Return False if the deadline (of `time.monotonic`) was
    reached before all were gone. Raises OSError.
    """
    with _parent_of(job) as parent:
        if parent is None:
            return True
        done = remove_tree(str(job.pk), parent=parent, deadline=deadline)
    with suppress(OSError):  # it holds those of other jobs
        folder_of(job.operation, job.pk).parent.rmdir()
    return done


@contextmanager
def _parent_of(job: Job) -> Iterator[int | None]:
    """The descriptor of the folder that holds the job's; None without one."""
    try:
        fd = open_folder(folder_of(job.operation, job.pk).parent)
    except (FileNotFoundError, NotADirectoryError):
        fd = None  # or a link: then nothing in it is the job's
    try:
        yield fd
    finally:
        if fd is not None:
            os.close(fd)
