"""Tells which files of a job are not what they were when the job was made."""

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import QuerySet

from jobs.exceptions import LibraryUnreadable
from jobs.library.disk import Root, look, open_root
from jobs.library.state import refuse_unmounted
from jobs.models import Job, JobItem, LibraryFile
from jobs.states import ItemStatus

LIMIT = 20_000
"""So many files are looked at; of a larger number those in evenly spaced groups."""

SECONDS = 5.0
"""After so long it is enough, as on a slow network disk."""

EXAMPLES = 10
_GROUP = 1_000


@dataclass(slots=True)
class Changes:
    """What has happened to the files of a job.

    checked   files that were looked at
    complete  these are all; else a sample of them
    changed   files with another content, as far as size and time tell
    vanished  files that are not there any more: deleted, moved or renamed
    examples  (path, "changed" or "vanished") of at most EXAMPLES of them
    """

    checked: int = 0
    complete: bool = True
    changed: int = 0
    vanished: int = 0
    examples: list[tuple[str, str]] = field(default_factory=list)

    @property
    def count(self) -> int:
        """Files that are not what they were."""
        return self.changed + self.vanished


class Known(NamedTuple):
    """A file as the index has it; without a size if the index does not have it any more."""

    key: str
    size: int | None = None
    mtime_ns: int | None = None


def changes(
    job: Job, statuses: Collection[ItemStatus | str], *, seconds: float | None = None
) -> Changes:
    """Compare the files of the job's items with these statuses with what is on the disk.

    A file has changed if it was written after the job was made, or if size or time are not
    those of the index. Takes at most some `seconds`, else SECONDS. Items that are no library
    files count for nothing. Raises LibraryUnreadable.
    """
    root = open_root()
    since_ns = _since_ns(job)
    found = Changes()
    deadline = time.monotonic() + (SECONDS if seconds is None else seconds)
    items = JobItem.objects.filter(job=job, status__in=list(statuses), file_id__isnull=False)
    found.complete = items[: LIMIT + 1].count() <= LIMIT
    for group in _groups(job, items, everything=found.complete):
        for key, what in compare_with_disk(root, group, since_ns):
            found.checked += 1
            if what:
                setattr(found, what, getattr(found, what) + 1)
                if len(found.examples) < EXAMPLES:
                    found.examples.append((key, what))
        if time.monotonic() > deadline:
            found.complete = False
            break
    return found


def compare_with_disk(root: Root, rows: list[Known], since_ns: int) -> Iterator[tuple[str, str]]:
    """Each row's key with "changed", "vanished" or "": what happened after `since_ns`.

    A file of which the disk tells nothing is taken as it was.
    """
    for row in rows:
        try:
            found = look(root, row.key)
        except OSError:
            yield row.key, ""
            continue
        if found is None:
            yield row.key, "vanished"
        elif found.mtime_ns > since_ns or (
            row.size is not None and found[1:] != (row.size, row.mtime_ns)
        ):
            yield row.key, "changed"
        else:
            yield row.key, ""


def known_files(rows: list[tuple[str, int | None]]) -> list[Known]:
    """What the index has of these (key, id of the library file), in the same order."""
    files = LibraryFile.objects.filter(pk__in=[file_id for _, file_id in rows])
    known = {pk: rest for pk, *rest in files.values_list("pk", "size", "mtime_ns")}
    return [Known(key, *known.get(file_id or 0, ())) for key, file_id in rows]


def is_other(job: Job, rows: list[tuple[str, int | None]]) -> list[bool]:
    """Of these (key, id of the library file): has each changed or vanished since `job` was made?

    False for an item that is no library file. Raises LibraryUnreadable.
    """
    root = open_root()
    refuse_unmounted(root)
    compared = compare_with_disk(root, known_files(rows), _since_ns(job))
    found = [
        bool(what) and file_id is not None
        for (_, what), (_, file_id) in zip(compared, rows, strict=True)
    ]
    if not root.is_there:
        raise LibraryUnreadable(root=root.name, reason="it has vanished meanwhile")
    return found


def _since_ns(job: Job) -> int:
    return int(job.created_at.timestamp() * 1_000_000_000)


def _groups(job: Job, items: QuerySet[JobItem], *, everything: bool) -> Iterator[list[Known]]:
    """The items' files, in groups: all of them, or LIMIT evenly spread over the job."""
    groups = LIMIT // _GROUP
    step = 0 if everything else -(-job.total_items // groups)
    start = 0
    while True:
        page = items.filter(position__gte=start).order_by("position")
        rows = list(page.values_list("position", "key", "file_id")[:_GROUP])
        if not rows:
            return
        yield known_files([(key, file_id) for _, key, file_id in rows])
        start = max(rows[-1][0] + 1, start + step)
