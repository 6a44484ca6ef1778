"""The limit of unfinished jobs of one person."""

from typing import Any

from jobs import backends
from jobs.conf import conf
from jobs.exceptions import TooManyJobs
from jobs.models import Job
from jobs.states import ACTIVE


def check_active_jobs(person_id: Any) -> None:
    """Raise TooManyJobs if this person may have no further unfinished job.

    `person_id` is None for everybody who was not logged in: they count as one person. Call it in
    the transaction that starts or resumes the job; two at once cannot exceed the limit.
    """
    limit = conf.MAX_ACTIVE_JOBS
    if not limit:
        return
    backends.current().lock_count(f"jobs of {person_id}")
    count = Job.objects.filter(created_by=person_id, status__in=ACTIVE).count()
    if count >= limit:
        raise TooManyJobs(count=f"{count:,}", limit=f"{limit:,}")
