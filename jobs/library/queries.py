"""Selects library files: a job with the same search and status gets what the file list shows."""

from typing import Any

from django.db import connection
from django.db.models import Lookup, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from jobs.library.counts import count_files
from jobs.library.search_index import index_of
from jobs.library.search_index.base import like_pattern
from jobs.library.spellings import spellings
from jobs.library.writer import is_storable
from jobs.models import LibraryFile

Files = QuerySet[LibraryFile]

AHEAD = 50_000
"""The first paths, which are searched before all others in some milliseconds. They often hold
a whole page of a frequent text."""


class PathContains(Lookup):
    """`path__contains_text=text`: the path contains the text, ASCII letters in either case.

    All other characters, including letters such as É, match only as they are written. Django's
    `icontains` would fold such letters of the text, but on PostgreSQL not those of the path.
    """

    lookup_name = "contains_text"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        left, parameters = self.process_lhs(compiler, connection)
        operator = index_of(connection).like
        return f"{left} {operator} %s ESCAPE '\\'", (*parameters, like_pattern(str(self.rhs)))


LibraryFile._meta.get_field("path").register_lookup(PathContains)


WARNING = "warning"
STATUSES = (*LibraryFile.Status.values, WARNING)
"""What files can be chosen by; `warning` is succeeded with a message."""


def select_files(*, search: str = "", status: str = "") -> Files:
    """Files whose path contains `search` (ASCII letters in either case) and with this status.

    Composed and decomposed characters (see `spellings`) match each other. Empty means any.
    Unordered.
    """
    return _select(search, status, _candidates(search))


def list_files(
    *, search: str = "", status: str = "", page: int = 1, page_size: int = 50
) -> tuple[int, int, list[LibraryFile]]:
    """One page of `select_files` by path: the number of files, of pages (at least 1), the rows.

    A page after the last has no rows. In libraries of hundreds of thousands of files, the
    number may be some seconds old.
    """
    index_of(connection).prepare_reads()
    candidates = _candidates(search)
    chosen = _select(search, status, candidates)
    count = count_files(chosen, search=search, status=status)
    pages = max(1, -(-count // page_size))
    if page > pages or not count:
        return count, pages, []
    first = (page - 1) * page_size
    last = min(first + page_size, count)
    paths: list[str] = []
    if not search:
        paths = _slice(chosen, first, last, count)
    elif candidates is None and (border := _paths(_with_status(status), AHEAD, AHEAD + 1)):
        paths = _paths(chosen.filter(path__lt=border[0]), first, last)
    if len(paths) < last - first:
        paths = _paths(chosen, first, last)
    return count, pages, list(LibraryFile.objects.filter(path__in=paths).order_by("path"))


def _candidates(search: str) -> RawSQL | None:
    """The fastest way to search for the text, if it is not a pass through all paths."""
    return index_of(connection).candidates(spellings(search)) if is_storable(search) else None


def _select(search: str, status: str, candidates: RawSQL | None) -> Files:
    if not is_storable(search):
        return LibraryFile.objects.none()
    if not search:
        return _with_status(status)
    matches = Q()
    for text in spellings(search):
        matches |= Q(path__contains_text=text)
    if candidates is None:
        return _with_status(status).filter(matches)
    found = LibraryFile.objects.filter(matches, pk__in=candidates)
    if not status:
        return found
    # As an expression, or the database would read all files of this status.
    found = found.alias(its_status=Coalesce("status", Value("")))
    if status == WARNING:
        return found.filter(its_status=LibraryFile.Status.SUCCEEDED).exclude(message="")
    return found.filter(its_status=status)


def _with_status(status: str) -> Files:
    if status == WARNING:
        return LibraryFile.objects.filter(status=LibraryFile.Status.SUCCEEDED).exclude(message="")
    return LibraryFile.objects.filter(status=status) if status else LibraryFile.objects.all()


def _slice(files: Files, first: int, last: int, count: int) -> list[str]:
    """The paths of these places; from the end where that is nearer."""
    if first <= count // 2:
        return _paths(files, first, last)
    backward = files.order_by("-path").values_list("path", flat=True)
    return list(backward[count - last : count - first])


def _paths(files: Files, first: int, last: int) -> list[str]:
    # Paths alone come from an index, without reading the rows.
    return list(files.order_by("path").values_list("path", flat=True)[first:last])
