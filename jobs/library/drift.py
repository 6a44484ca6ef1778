"""Finds the files of a job that have changed or disappeared since the job was created."""

import time
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import QuerySet

from jobs.exceptions import LibraryUnreadable
from jobs.library.disk import Root, find_file, open_root
from jobs.library.mounts import Mounts
from jobs.library.scan_state import known_mounts, refuse_unmounted
from jobs.models import Job, JobItem, LibraryFile
from jobs.states import ItemStatus

MAX_FILES = 20_000
"""Up to this many files are all checked; of more, a sample of this size in even steps."""

MAX_SECONDS = 5.0
"""The check ends after this time, as on a slow network disk."""

MAX_EXAMPLES = 10
_PAGE = 1_000


class ItemFile(NamedTuple):
    """An item's key and library file, with what the index held of it when the job was created.

    `size` is None for an item that is no library file, and for items of version 0.2.0.
    """

    key: str
    file_id: int | None
    size: int | None
    mtime_ns: int | None


ITEM_FILE = ItemFile._fields
"""The columns of an item that make an ItemFile."""


@dataclass(slots=True)
class Drift:
    """What has happened to the files of a job.

    checked   files that were compared with the disk
    complete  these are all; otherwise a sample of them
    changed   files with other content, as far as size and time show
    vanished  files that no longer exist: deleted, moved or renamed; not those on a disk that is
              not mounted
    examples  (path, "changed" or "vanished") of at most MAX_EXAMPLES of them
    """

    checked: int = 0
    complete: bool = True
    changed: int = 0
    vanished: int = 0
    examples: list[tuple[str, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Files that have changed or disappeared."""
        return self.changed + self.vanished


def find_drift(
    job: Job, statuses: Collection[ItemStatus | str], *, seconds: float | None = None
) -> Drift:
    """Compare the files of the job's items with these statuses with the disk.

    A file has changed if its size or time is not what the index held when the job was created.
    Takes about `seconds` at most, by default MAX_SECONDS. Items that are no library files are not
    counted. Raises LibraryUnreadable.
    """
    root = open_root()
    mounts = known_mounts(root)
    drift = Drift()
    deadline = time.monotonic() + (MAX_SECONDS if seconds is None else seconds)
    items = JobItem.objects.filter(job=job, status__in=list(statuses), file_id__isnull=False)
    drift.complete = items[: MAX_FILES + 1].count() <= MAX_FILES
    for page in _pages(job, items, everything=drift.complete):
        for (key, *_), change in zip(page, _compare(root, mounts, job, page), strict=True):
            drift.checked += 1
            drift.changed += change == "changed"
            drift.vanished += change == "vanished"
            if change and len(drift.examples) < MAX_EXAMPLES:
                drift.examples.append((key, change))
        if time.monotonic() > deadline:
            drift.complete = False
            break
    return drift


def has_drifted(job: Job, items: Sequence[ItemFile]) -> list[bool]:
    """For each item of the job: has its file changed or disappeared since the job was created?

    False for an item that is no library file. Raises LibraryUnreadable.
    """
    root = open_root()
    refuse_unmounted(root)
    mounts = known_mounts(root)
    changes = zip(items, _compare(root, mounts, job, items), strict=True)
    drifted = [bool(change) and item.file_id is not None for item, change in changes]
    if not root.is_there:
        raise LibraryUnreadable(root=root.name, reason="it disappeared in the meantime")
    return drifted


def _compare(root: Root, mounts: Mounts, job: Job, items: Sequence[ItemFile]) -> Iterator[str]:
    """Yield "changed", "vanished" or "" for each item. An unreadable file counts as unchanged.

    A file of which the item does not say what the index held has changed if it was written after
    the job was created, or is not what the index holds now.
    """
    since_ns = int(job.created_at.timestamp() * 1_000_000_000)
    unknown = [item.file_id for item in items if item.file_id is not None and item.size is None]
    indexed = _indexed(unknown) if unknown else {}
    for key, file_id, size, mtime_ns in items:
        try:
            found = find_file(root, key)
        except OSError:
            yield ""
            continue
        if found is None:
            yield "" if mounts.without_disk(key) else "vanished"
        elif size is not None:
            yield "changed" if found[1:] != (size, mtime_ns) else ""
        elif file_id is not None:
            is_same = found.mtime_ns <= since_ns and indexed.get(file_id, found[1:]) == found[1:]
            yield "" if is_same else "changed"
        else:
            yield ""


def _indexed(file_ids: list[int]) -> dict[int, tuple[int, int]]:
    """Size and mtime_ns of these files, as far as the index has them."""
    files = LibraryFile.objects.filter(pk__in=file_ids)
    return {pk: (size, ns) for pk, size, ns in files.values_list("pk", "size", "mtime_ns")}


def _pages(job: Job, items: QuerySet[JobItem], *, everything: bool) -> Iterator[list[ItemFile]]:
    """The items, a page at a time: all, or MAX_FILES evenly spread over the job."""
    step = 0 if everything else -(-job.total_items // (MAX_FILES // _PAGE))
    start = 0
    while True:
        page = items.filter(position__gte=start).order_by("position")
        rows = list(page.values_list("position", *ITEM_FILE)[:_PAGE])
        if not rows:
            return
        yield [ItemFile(*row[1:]) for row in rows]
        start = max(rows[-1][0] + 1, start + step)
