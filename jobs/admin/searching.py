"""Finds jobs by what a person types."""

import re
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from jobs.models import Job, JobItem

MOST = 1_000
"""Jobs that a search by path finds at most: the newest."""

SURE = 8
"""So many digits of an id that exists are meant as an id: paths are not searched as well."""


def search_jobs(jobs: QuerySet[Job], term: str) -> QuerySet[Job]:
    """Jobs whose id begins so, or that have an item with this in its path.

    The search by path reads each job's items up to the first that fits, once; what it
    has found is then used as ids, so that counting and paging do not search again.
    """
    term = term.strip()
    if not term:
        return jobs
    digits = term.replace("-", "").lower()
    by_id = Q()
    if re.fullmatch(r"[0-9a-f]{1,32}", digits):
        by_id = Q(pk__range=(UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))))
        if len(digits) == 32 or (len(digits) >= SURE and jobs.filter(by_id).exists()):
            return jobs.filter(by_id)
    items = JobItem.objects.filter(job=OuterRef("pk"), key__icontains=term)
    found = jobs.filter(Exists(items)).values_list("pk", flat=True)[:MOST]
    return jobs.filter(by_id | Q(pk__in=list(found)) if by_id else Q(pk__in=list(found)))
