"""Finds jobs by id or by the path of an item."""

import re
from dataclasses import dataclass
from datetime import datetime
from time import monotonic
from uuid import UUID

from django.db.models import QuerySet

from jobs.models import Job, JobItem

MAX_JOBS = 1_000
"""A search by path finds at most this many jobs: the newest."""

SECONDS = 0.7
"""The time for a search by path. After it, older jobs are not searched."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """`after`: jobs created before this time were not searched. None if all jobs were."""

    jobs: QuerySet[Job]
    after: datetime | None = None


def search_jobs(jobs: QuerySet[Job], term: str) -> SearchResult:
    """Find the jobs whose id begins with the term; if none, those with an item whose path has it.

    Fewer than eight digits are always searched in the paths.
    """
    if not term.strip():
        return SearchResult(jobs)
    digits = term.strip().replace("-", "").lower()
    if re.fullmatch(r"[0-9a-f]{8,32}", digits):
        span = (UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f")))
        by_id = jobs.filter(pk__range=span)
        if len(digits) == 32 or by_id.exists():
            return SearchResult(by_id)
    found: list[UUID] = []
    after = None
    deadline = monotonic() + SECONDS
    items = JobItem.objects.filter(key__icontains=term.strip())
    newest = jobs.order_by("-created_at", "-pk").values_list("pk", "created_at")
    for pk, created_at in newest.iterator():
        if after and (len(found) == MAX_JOBS or monotonic() > deadline):
            return SearchResult(jobs.filter(pk__in=found), after)
        if items.filter(job=pk).exists():
            found.append(pk)
        after = created_at
    return SearchResult(jobs.filter(pk__in=found))
