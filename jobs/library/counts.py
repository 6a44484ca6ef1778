"""The number of files that match. In a large library a slow count is cached for some seconds."""

import time
from collections.abc import Callable

from django.db import connection
from django.db.models import Max

from jobs.models import LibraryFile

LARGE = 100_000
"""In a library with fewer files nothing is cached, so every number is up to date."""

SLOW_SECONDS = 0.02
SHARE = 0.05
"""The largest part of its time that a process spends on one count, however often it is needed."""

_MAX_CACHED = 200
_cache: dict[tuple[object, ...], tuple[float, int]] = {}


def count_files(count: Callable[[], int], selection: tuple[object, ...]) -> int:
    """The number of files of this selection, as `count` finds it.

    In a large library it may be as old as twenty counts take.
    """
    key = (connection.settings_dict["NAME"], *selection)
    until, number = _cache.get(key, (0.0, 0))
    began = time.monotonic()
    if began < until:
        return number
    number = count()
    seconds = time.monotonic() - began
    _cache.pop(key, None)
    if seconds > SLOW_SECONDS and _is_large():
        while len(_cache) >= _MAX_CACHED:
            _cache.pop(next(iter(_cache)), None)
        _cache[key] = (began + seconds / SHARE, number)
    return number


def _is_large() -> bool:
    newest = LibraryFile.objects.aggregate(newest=Max("id"))["newest"]
    return newest is not None and newest >= LARGE
