"""Looks up a job by its id or the beginning of it."""

import re
from uuid import UUID

from jobs.exceptions import JobNotFound, JobsError
from jobs.models import Job

_SHOWN = 5


class AmbiguousId(JobsError):
    """The id “{given}” matches more than one job: {ids}. Give more characters."""


def find_job(given: str) -> Job:
    """Return the only job whose id begins with `given`; dashes and case do not matter.

    Raises JobNotFound, AmbiguousId.
    """
    digits = given.replace("-", "").lower()
    if not re.fullmatch(r"[0-9a-f]{1,32}", digits):
        raise JobNotFound
    first, last = UUID(digits.ljust(32, "0")), UUID(digits.ljust(32, "f"))
    jobs = Job.objects.select_related("created_by", "cancelled_by")
    found = list(jobs.filter(pk__range=(first, last)).order_by("pk")[: _SHOWN + 1])
    if not found:
        raise JobNotFound
    if len(found) > 1:
        ids = [str(job.pk) for job in found[:_SHOWN]] + ["…"] * (len(found) > _SHOWN)
        raise AmbiguousId(given=given, ids=", ".join(ids))
    return found[0]
