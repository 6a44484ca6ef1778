"""How many files match. In a large library a count takes a while, so it is kept as long."""

import time

from django.db import connection
from django.db.models import Max, QuerySet

from jobs.library import filecount
from jobs.models import LibraryFile

LARGE = 100_000
"""In a library with fewer files every count is made anew: it is always right at once."""

SLOW_SECONDS = 0.02
SHARE = 0.05
"""The part of its time that a process spends on the same count, if it is asked for all the time."""

SAMPLE = 300
_KEPT_AT_MOST = 200
_kept: dict[tuple[object, ...], tuple[float, int]] = {}


def count_files(files: QuerySet[LibraryFile], *, search: str, status: str) -> int:
    """The number of `files`, which were chosen by these two words.

    Up to some seconds old if counting takes long: by then so much older as it takes longer.
    """
    key = (connection.settings_dict["NAME"], search, status)
    until, count = _kept.get(key, (0.0, 0))
    began = time.monotonic()
    if began < until:
        return count
    count = _of_status(status) if not search else files.count()
    seconds = time.monotonic() - began
    _kept.pop(key, None)
    if seconds > SLOW_SECONDS and _is_large():
        while len(_kept) >= _KEPT_AT_MOST:
            _kept.pop(next(iter(_kept)), None)
        _kept[key] = (began + seconds / SHARE, count)
    return count


def _of_status(status: str) -> int:
    """All files, or those of one status; if these are most files, the others are counted."""
    files = LibraryFile.objects.all()
    total = filecount.total(connection)
    if total is None:
        total = files.count()
    if not status:
        return total
    if total < LARGE or not _most_have(status):
        return files.filter(status=status).count()
    others = [other for other in LibraryFile.Status.values if other != status]
    return total - files.filter(status__in=others).count()


def _most_have(status: str) -> bool:
    """As far as a sample of files tells."""
    newest = LibraryFile.objects.aggregate(newest=Max("id"))["newest"] or 0
    sample = LibraryFile.objects.filter(pk__in=range(1, newest + 1, newest // SAMPLE + 1))
    found = list(sample.values_list("status", flat=True))
    return 2 * found.count(status) > len(found)


def _is_large() -> bool:
    newest = LibraryFile.objects.aggregate(newest=Max("id"))["newest"]
    return newest is not None and newest >= LARGE
