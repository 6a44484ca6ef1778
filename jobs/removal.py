"""Removes the rows of deleted jobs, in batches that hold nobody up for long.

The clusters do it, a little with every sweep, so nobody has to wait for a million rows.
Each batch is a transaction that holds the job's row. So it may be cut short anywhere, and
several may do it at once.
"""

import math
import uuid
from time import monotonic

from django.db import transaction
from django.db.models import F, Sum

from jobs.models import Job, JobItem, OperationTotal

BATCH = 5_000


def remove_deleted(*, seconds: float = math.inf) -> None:
    """Remove rows of all deleted jobs, for about so long; at least one batch if there are any."""
    deadline = monotonic() + seconds
    for job_id in list(Job.deleted.values_list("pk", flat=True)):
        done = False
        while not done:
            done = _remove_batch(job_id)
            if monotonic() > deadline:
                return


def remove_job(job_id: uuid.UUID) -> None:
    """Remove all rows of a deleted job, unless somebody else is at it."""
    while not _remove_batch(job_id):
        continue


@transaction.atomic
def _remove_batch(job_id: uuid.UUID) -> bool:
    """True if nothing is left to do here: all is gone, or somebody else is at it."""
    job = Job.deleted.select_for_update(skip_locked=True).filter(pk=job_id).first()
    if job is None:
        return True
    items = JobItem.objects.filter(job=job).values("pk")[:BATCH]
    removed, _ = JobItem.objects.filter(pk__in=items).delete()
    if removed == BATCH:
        return False
    _keep_totals(job)
    job.delete()
    return True


def _keep_totals(job: Job) -> None:
    """Add what the job has counted to its operation's totals."""
    sums = job.leases.aggregate(
        succeeded=Sum("succeeded", default=0),
        failed=Sum("failed", default=0),
        busy_seconds=Sum("busy_seconds", default=0.0),
    )
    OperationTotal.objects.get_or_create(operation=job.operation)
    OperationTotal.objects.filter(operation=job.operation).update(
        **{name: F(name) + value for name, value in sums.items()}
    )
