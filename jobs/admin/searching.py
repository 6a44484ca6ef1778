"""Finds jobs by what a person types."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from jobs.models import Job, JobItem

MOST = 1_000
"""Jobs that a search by path finds at most: the newest."""

SECONDS = 0.7
"""A search by path may take so long; then it has looked at the newest jobs only."""

PIECE = 50_000
"""Items that are looked through at once: some tens of milliseconds."""

JOB = 100
"""To turn to a job costs as much as so many items."""

SURE = 8
"""So many digits of an id that exists are meant as an id: paths are not searched as well."""


@dataclass(slots=True)
class Found:
    """`jobs` that fit. `after`: only those made after this were looked at; None: all."""

    jobs: QuerySet[Job]
    after: datetime | None = None


@dataclass(slots=True)
class _Piece:
    """Whole jobs, or of one large job the items behind a position. `made`: the newest one."""

    made: datetime
    jobs: list[UUID] = field(default_factory=list)
    after: int | None = None


def search_jobs(jobs: QuerySet[Job], term: str) -> Found:
    """Jobs whose id begins so, or that have an item with this in its path.

    What the search by path has found is then used as ids, so that counting and paging do
    not search again.
    """
    term = term.strip()
    if not term:
        return Found(jobs)
    digits = term.replace("-", "").lower()
    by_id = Q()
    if re.fullmatch(r"[0-9a-f]{1,32}", digits):
        by_id = Q(pk__range=(UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))))
        if len(digits) == 32 or (len(digits) >= SURE and jobs.filter(by_id).exists()):
            return Found(jobs.filter(by_id))
    found, after = _by_path(jobs, term)
    fits = Q(pk__in=found)
    return Found(jobs.filter(by_id | fits if by_id else fits), after)


def _by_path(jobs: QuerySet[Job], term: str) -> tuple[set[UUID], datetime | None]:
    found: set[UUID] = set()
    deadline = monotonic() + SECONDS
    newest = jobs.order_by("-created_at", "-pk").values_list("pk", "created_at", "total_items")
    for piece in _pieces(newest.iterator()):
        if len(found) >= MOST or monotonic() > deadline:
            return found, piece.made
        if found.isdisjoint(piece.jobs):
            found |= _with_path(piece, term)
    return found, None


def _pieces(jobs: Iterable[tuple[UUID, datetime, int]]) -> Iterator[_Piece]:
    """All items of these jobs in pieces of about the same size, in the order of the jobs."""
    piece, size = None, 0
    for job_id, made, total in jobs:
        if piece is not None and size + total > PIECE:
            yield piece
            piece = None
        if total > PIECE:
            for after in range(-1, total - 1, PIECE):
                yield _Piece(made, [job_id], after)
            continue
        if piece is None:
            piece, size = _Piece(made), 0
        piece.jobs.append(job_id)
        size += total + JOB
    if piece is not None:
        yield piece


def _with_path(piece: _Piece, term: str) -> set[UUID]:
    items = JobItem.objects.filter(job=OuterRef("pk"), key__icontains=term)
    if piece.after is not None:
        items = items.filter(position__gt=piece.after, position__lte=piece.after + PIECE)
    fitting = Job.objects.filter(Exists(items), pk__in=piece.jobs)
    return set(fitting.values_list("pk", flat=True))
