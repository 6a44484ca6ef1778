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
from itertools import islice
from typing import NamedTuple

from django.db.models import Exists, Max, OuterRef, Q

from jobs.library.disk import Root
from jobs.library.outcomes import KNOWN
from jobs.library.removed import Match, restore
from jobs.models import LibraryFile, Outcome, RemovedFile
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
    known = Outcome.objects.filter(KNOWN, file=OuterRef("pk"))
    files = LibraryFile.objects.filter(~Exists(known))
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
    rows = RemovedFile.objects.filter(size__in=list(sizes)).order_by("pk").iterator(PAGE)
    while page := list(islice(rows, PAGE)):
        known = _known_checksums(page)
        for old in page:
            if old.pk in known:
                name = os.path.basename(old.path)
                found[old.size].append(_Old(old.pk, name, old.mtime_ns, known[old.pk]))
    return found


def _known_checksums(page: list[RemovedFile]) -> dict[int, str]:
    """The checksum of exactly this content, by removed file, where an operation remembers it."""
    by_file = {old.file_id: old for old in page if old.file_id is not None}
    by_pk = {old.pk: old for old in page}
    outcomes = Outcome.objects.filter(
        Q(removed__in=list(by_pk)) | Q(file__in=list(by_file)), memory__isnull=False
    )
    known = {}
    for removed_id, file_id, memory in outcomes.values_list("removed", "file", "memory"):
        old = by_pk.get(removed_id) or by_file[file_id]
        if not isinstance(memory, dict):
            continue
        if (memory.get("size"), memory.get("mtime_ns")) == (old.size, old.mtime_ns):
            sha256 = memory.get("sha256")
            if isinstance(sha256, str):
                known[old.pk] = sha256
    return known


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
