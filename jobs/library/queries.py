"""Chooses library files: what the file list shows is what a job with the same words gets."""

from django.db import connection
from django.db.models import QuerySet, Value
from django.db.models.functions import Coalesce

from jobs.library import lookups as lookups  # registers `holds`
from jobs.library import searchindex
from jobs.library.counts import count_files
from jobs.models import LibraryFile

Files = QuerySet[LibraryFile]

AHEAD = 50_000
"""So many files, by path, are looked through before anything else: some milliseconds. A text
that is found often fills a page from them."""

MAPPED_BYTES = 2_000_000_000


def select_files(*, search: str = "", status: str = "") -> Files:
    """Files whose path contains `search` (ASCII letters in any case) and that have this status.

    Empty means any. Unordered.
    """
    return _Search(search).select(status) if search else _with_status(status)


def list_files(
    *, search: str = "", status: str = "", page: int = 1, page_size: int = 50
) -> tuple[int, int, list[LibraryFile]]:
    """One page of `select_files` by path: the number of files, of pages (at least 1), the rows.

    A page after the last has no rows. The number may be some seconds old where counting takes
    long, in libraries of hundreds of thousands of files.
    """
    _read_through_map()
    found = _Search(search) if search else None
    chosen = found.select(status) if found else _with_status(status)
    count = count_files(chosen, search=search, status=status)
    pages = max(1, -(-count // page_size))
    if page > pages or not count:
        return count, pages, []
    first = (page - 1) * page_size
    last = min(first + page_size, count)
    if found is None:
        paths = _slice(chosen, first, last, count)
    else:
        paths = found.slice(chosen, status, first, last)
    return count, pages, list(LibraryFile.objects.filter(path__in=paths).order_by("path"))


class _Search:
    """One text that is looked for, and the way that suits it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.impossible = "\0" in text or not _is_storable(text)
        usable = not self.impossible
        self.narrow = searchindex.candidates(connection, text) if usable else None

    def select(self, status: str) -> Files:
        """The files that match."""
        if self.impossible:
            return LibraryFile.objects.none()
        if self.narrow is None:
            return _with_status(status).filter(path__holds=self.text)
        found = LibraryFile.objects.filter(pk__in=self.narrow, path__holds=self.text)
        if status:
            # As an expression, or the database would go through all files of this status.
            found = found.alias(its_status=Coalesce("status", Value(""))).filter(its_status=status)
        return found

    def slice(self, found: Files, status: str, first: int, last: int) -> list[str]:
        """The paths of these places among what was found."""
        if self.narrow is None:
            border = _paths(_with_status(status), AHEAD, AHEAD + 1)
            if border:
                paths = _paths(found.filter(path__lt=border[0]), first, last)
                if len(paths) == last - first:
                    return paths
        return _paths(found, first, last)


def _with_status(status: str) -> Files:
    return LibraryFile.objects.filter(status=status) if status else LibraryFile.objects.all()


def _slice(files: Files, first: int, last: int, count: int) -> list[str]:
    """The paths of these places; from the end where that is nearer."""
    if first <= count // 2:
        return _paths(files, first, last)
    backward = files.order_by("-path").values_list("path", flat=True)
    return list(backward[count - last : count - first])


def _paths(files: Files, first: int, last: int) -> list[str]:
    # Paths alone come from an index, without a look at the rows.
    return list(files.order_by("path").values_list("path", flat=True)[first:last])


def _read_through_map() -> None:
    """Let SQLite read the pages that the system has cached without copying them.

    Its own cache is far smaller than the index of a large library; counting takes a third
    of the time with this.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA mmap_size = {MAPPED_BYTES}")


def _is_storable(text: str) -> bool:
    """False for text with half of a surrogate pair, which no database holds."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
