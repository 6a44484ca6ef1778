"""Selects library files: a job with the same search and status gets what the file list shows."""

from collections.abc import Collection
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Exists, FilteredRelation, Lookup, OuterRef, Q, QuerySet, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce

from jobs.library.counts import count_files
from jobs.library.outcomes import files_of
from jobs.library.search_index import index_of
from jobs.library.search_index.base import like_pattern
from jobs.library.spellings import spellings
from jobs.library.writer import is_storable
from jobs.models import LibraryFile, Outcome, UsedOperation
from jobs.states import WARNING

Files = QuerySet[LibraryFile]

DEFAULT_OPERATION = "verify"
"""Whose outcomes count where none is named, and the choice of a first visit. It only reads."""

ORDERS = {
    "path": ("path",),
    "size": ("size", "id"),
    "modified": ("modified", "id"),
    "kind": ("kind", "path"),
}
"""What files can be sorted by, and the columns of it."""

SORTS = tuple(f"{sign}{name}" for name in ORDERS for sign in ("", "-"))

SORTED = 10_000
"""So many rows with a status are sorted in some milliseconds. Where there are more, a page is
found sooner by a walk through all files in the order that is wanted."""

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


for _model in (LibraryFile, Outcome):
    _model._meta.get_field("path").register_lookup(PathContains)


STATUSES = (*Outcome.Status.values, WARNING)
"""What files can be chosen by; `warning` is succeeded with a message."""


class ListedFile(NamedTuple):
    """A file with its outcome of one operation; None if it has none."""

    file: LibraryFile
    outcome: Outcome | None


def select_files(
    *,
    search: str = "",
    status: str = "",
    operation: str = DEFAULT_OPERATION,
    kinds: Collection[str] = (),
    after: str = "",
) -> Files:
    """Files whose path contains `search` (ASCII letters in either case), by path.

    `status`: how the last item of `operation` ended for them. `after`: only those with a larger
    path. Composed and decomposed characters (see `spellings`) match each other. Empty means any.
    """
    return _Selection(search, status, operation, kinds).files(after)


def list_files(
    *,
    search: str = "",
    status: str = "",
    operation: str = DEFAULT_OPERATION,
    kinds: Collection[str] = (),
    sort: str = "path",
    page: int = 1,
    page_size: int = 50,
) -> tuple[int, int, list[ListedFile]]:
    """One page of `select_files`: the number of files, of pages (at least 1), the rows.

    `sort`: one of SORTS. A page after the last has no rows. In libraries of hundreds of thousands
    of files, the number may be some seconds old.
    """
    index_of(connection).prepare_reads()
    selection = _Selection(search, status, operation, kinds)
    count = count_files(selection.count, (search, status, status and operation, tuple(kinds)))
    pages = max(1, -(-count // page_size))
    if page > pages or not count:
        return count, pages, []
    first = (page - 1) * page_size
    last = min(first + page_size, count)
    if sort == "path":
        paths = selection.paths(first, last, count)
        files = list(LibraryFile.objects.filter(path__in=paths).order_by("path"))
    else:
        rows = selection.walk() if count > SORTED else selection.files("")
        files = _slice(rows, _columns(sort), first, last, count)
    return count, pages, _listed(files, operation)


def _columns(sort: str) -> tuple[str, ...]:
    return tuple(f"{'-' * sort.startswith('-')}{name}" for name in ORDERS[sort.lstrip("-")])


def _listed(files: list[LibraryFile], operation: str) -> list[ListedFile]:
    found = Outcome.objects.filter(file__in=[file.pk for file in files], operation=operation)
    outcomes = {outcome.file_id: outcome for outcome in found}
    return [ListedFile(file, outcomes.get(file.pk)) for file in files]


class _Selection:
    """Rows of files or, if an index of outcomes finds them, rows of outcomes; both have a path."""

    def __init__(self, search: str, status: str, operation: str, kinds: Collection[str]) -> None:
        self.kinds = list(kinds)
        self.search = search
        self.status = status
        self.operation = operation
        self.is_possible = is_storable(search)
        # The fastest way to search for the text, if it is not a pass through all paths.
        self.candidates: RawSQL | None = None
        if self.is_possible:
            self.candidates = index_of(connection).candidates(spellings(search))
        self.by_outcome = status != ""
        if status == Outcome.Status.UNPROCESSED:
            used = UsedOperation.objects.filter(pk=operation).first()
            self.by_outcome = used is not None and used.complete and used.is_for(self.kinds)
            if used is None and not self._processed().exists():
                self.status = ""  # it has processed nothing

    def files(self, after: str) -> Files:
        """The files with a path above `after`, by path."""
        if not self.by_outcome:
            rows = self._matching(self._files(), "")
            return (rows.filter(path__gt=after) if after else rows).order_by("path")
        # In the order of the outcomes, which comes from their index.
        own = FilteredRelation("outcomes", condition=Q(outcomes__operation=self.operation))
        rows = self._with_status(files_of(self.kinds).alias(own=own), "own__")
        rows = self._matching(rows, "own__")
        return (rows.filter(own__path__gt=after) if after else rows).order_by("own__path")

    def walk(self) -> Files:
        """The files, such that the database asks for the outcome of one after the other."""
        if not self.by_outcome:
            return self.files("")
        own = self._with_status(Outcome.objects.filter(operation=self.operation), "")
        return self._matching(
            files_of(self.kinds).filter(Exists(own.filter(file=OuterRef("pk")))), ""
        )

    def count(self) -> int:
        """How many there are."""
        if self.by_outcome or self.search or not self.status:
            return self._rows().count()
        processed = self._of_kinds(self._processed())
        return files_of(self.kinds).count() - processed.count()

    def paths(self, first: int, last: int, count: int) -> list[str]:
        """The paths of these places, of `count` in all."""
        rows = self._rows()
        if not self.search:
            return _slice(rows.values_list("path", flat=True), ("path",), first, last, count)
        paths: list[str] = []
        if self.candidates is None and (border := _paths(self._base(), AHEAD, AHEAD + 1)):
            paths = _paths(rows.filter(path__lt=border[0]), first, last)
        return paths if len(paths) == last - first else _paths(rows, first, last)

    def _rows(self) -> QuerySet[Any]:
        return self._matching(self._base(), "")

    def _base(self) -> QuerySet[Any]:
        """All rows with the status, whatever their path."""
        if not self.by_outcome:
            return self._files()
        rows = Outcome.objects.filter(operation=self.operation)
        return self._of_kinds(self._with_status(rows, ""))

    def _files(self) -> Files:
        files = files_of(self.kinds)
        if not self.status:
            return files
        return files.filter(~Exists(self._processed().filter(file=OuterRef("pk"))))

    def _of_kinds(self, rows: QuerySet[Outcome]) -> QuerySet[Outcome]:
        return rows.filter(file__kind__in=self.kinds) if self.kinds else rows

    def _processed(self) -> QuerySet[Outcome]:
        own = Outcome.objects.filter(operation=self.operation, file__isnull=False)
        return own.exclude(status=Outcome.Status.UNPROCESSED)

    def _with_status(self, rows: QuerySet[Any], prefix: str) -> QuerySet[Any]:
        """Rows whose outcome, at the end of `prefix`, has the status."""
        status = Outcome.Status.SUCCEEDED if self.status == WARNING else self.status
        rows = rows.filter(**{f"{prefix}file__isnull": False})
        if self.candidates is None:
            rows = rows.filter(**{f"{prefix}status": status})
        else:
            # As an expression, or the database would read all outcomes of this status.
            expression = Coalesce(f"{prefix}status", Value(""))
            rows = rows.alias(its_status=expression).filter(its_status=status)
        return rows.exclude(**{f"{prefix}message": ""}) if self.status == WARNING else rows

    def _matching(self, rows: QuerySet[Any], prefix: str) -> QuerySet[Any]:
        """Rows whose path, at the end of `prefix`, contains the text."""
        if not self.is_possible:
            return rows.none()
        if not self.search:
            return rows
        matches = Q()
        for text in spellings(self.search):
            matches |= Q(**{f"{prefix}path__contains_text": text})
        if self.candidates is not None:
            key = "file" if rows.model is Outcome else "pk"
            rows = rows.filter(**{f"{key}__in": self.candidates})
        return rows.filter(matches)


def _slice(
    rows: QuerySet[Any], columns: tuple[str, ...], first: int, last: int, count: int
) -> list[Any]:
    """The rows of these places; from the end where that is nearer."""
    ordered = rows.order_by(*columns)
    if first <= count // 2:
        return list(ordered[first:last])
    return list(ordered.reverse()[count - last : count - first])[::-1]


def _paths(rows: QuerySet[Any], first: int, last: int) -> list[str]:
    # Paths alone come from an index, without reading the rows.
    return list(rows.order_by("path").values_list("path", flat=True)[first:last])
