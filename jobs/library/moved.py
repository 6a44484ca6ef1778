"""Finds files again that were moved or renamed: the same size and checksum under another path.

A checksum is known of a removed file if an operation remembers it, as `verify` does. Only then is
a new file of the same size read and compared. Size and time alone prove nothing.
"""

import hashlib
import os
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import Max

from jobs.library.disk import Root
from jobs.library.removed import Match, restore
from jobs.models import LibraryFile, RemovedFile
from jobs.operations.files import open_regular
from jobs.operations.results import ItemFailed

PAGE = 2_000
MAX_SECONDS = 120.0
"""For reading new files in one scan; the next scan does the rest."""

_BATCH = 200


class _New(NamedTuple):
    id: int
    path: str
    size: int
    mtime_ns: int


class _Old(NamedTuple):
    """A removed file. `name`: the last part of its path."""

    id: int
    name: str
    mtime_ns: int
    sha256: str


@dataclass(slots=True)
class Moved:
    """count      files that were found again
    newest_id  all files of the index up to this id have been compared
    """

    count: int = 0
    newest_id: int = 0


def find_moved(root: Root, after: int, report: Callable[[], None]) -> Moved:
    """Compare the files of the index with ids above `after` with those that were removed.

    A file that was found again has all that was known of it. Calls `report` regularly, whose
    exceptions end the search; safe to repeat.
    """
    found = Moved(newest_id=after)
    newest = LibraryFile.objects.aggregate(newest=Max("pk"))["newest"] or after
    if not RemovedFile.objects.exists():
        found.newest_id = max(after, newest)
        return found
    deadline = time.monotonic() + MAX_SECONDS
    files = LibraryFile.objects.filter(status=LibraryFile.Status.UNPROCESSED, memory={})
    fields = ("pk", "path", "size", "mtime_ns")
    while found.newest_id < newest:
        ahead = files.filter(pk__gt=found.newest_id, pk__lte=newest).order_by("pk")
        page = [_New(*row) for row in ahead.values_list(*fields)[:PAGE]]
        if not page:
            found.newest_id = newest
            break
        for start in range(0, len(page), _BATCH):
            batch = page[start : start + _BATCH]
            matches, complete = _compare(root, batch, deadline, report)
            if matches:
                found.count += restore(matches)
            if not complete:
                return found
            found.newest_id = batch[-1].id
            report()
    return found


def _compare(
    root: Root, batch: list[_New], deadline: float, report: Callable[[], None]
) -> tuple[list[Match], bool]:
    """What the batch gets; False if its time was up."""
    removed = _removed_with_checksum({new.size for new in batch})
    matches: list[Match] = []
    for new in batch:
        choices = removed.get(new.size)
        if not choices:
            continue
        if time.monotonic() > deadline:
            return matches, False
        sha256 = _sha256(root, new)
        report()
        same = [old for old in choices if old.sha256 == sha256]
        if same:
            name = os.path.basename(new.path)
            best = max(same, key=lambda old: (old.name == name, old.mtime_ns == new.mtime_ns))
            choices.remove(best)
            matches.append(Match(new.id, best.id, same=True))
    return matches, True


def _removed_with_checksum(sizes: Iterable[int]) -> dict[int, list[_Old]]:
    """Removed files of these sizes whose checksum is known, by size."""
    found: dict[int, list[_Old]] = defaultdict(list)
    rows = RemovedFile.objects.filter(size__in=list(sizes)).order_by("pk")
    for pk, path, size, mtime_ns, memory in rows.values_list(
        "pk", "path", "size", "mtime_ns", "memory"
    ).iterator():
        if sha256 := _known_checksum(memory, size, mtime_ns):
            found[size].append(_Old(pk, os.path.basename(path), mtime_ns, sha256))
    return found


def _known_checksum(memory: dict[str, Any], size: int, mtime_ns: int) -> str | None:
    """The checksum of exactly this content, if an operation remembers it."""
    for remembered in memory.values():
        if not isinstance(remembered, dict):
            continue
        if (remembered.get("size"), remembered.get("mtime_ns")) == (size, mtime_ns):
            sha256 = remembered.get("sha256")
            if isinstance(sha256, str):
                return sha256
    return None


def _sha256(root: Root, new: _New) -> str | None:
    """The checksum of a file; None if it cannot be read, or has changed since it was indexed."""
    try:
        descriptor = open_regular(os.fsdecode(root.path), new.path)
    except ItemFailed:
        return None
    try:
        with open(descriptor, "rb", buffering=0) as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
            status = os.fstat(descriptor)
    except OSError:
        return None
    return digest if (status.st_size, status.st_mtime_ns) == new[2:] else None
