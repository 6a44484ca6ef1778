"""Removes the rows of deleted jobs in short batches.

The clusters remove some with every sweep, so nobody has to wait for a million rows. Each batch
is a transaction that locks the job's row: it may be interrupted anywhere, and several processes
may remove rows at the same time.
"""

import math
import uuid
from time import monotonic

from django.db import transaction
from django.db.models import F, Sum

from jobs.models import Job, JobItem, OperationTotal

BATCH = 5_000


def remove_deleted(*, seconds: float = math.inf) -> None:
    """Remove rows of all deleted jobs for about `seconds`; at least one batch if there is one."""
    deadline = monotonic() + seconds
    for job_id in list(Job.deleted.values_list("pk", flat=True)):
        done = False
        while not done:
            done = _remove_batch(job_id)
            if monotonic() > deadline:
                return


def remove_job(job_id: uuid.UUID) -> None:
    """Remove all rows of a deleted job, unless another process is removing them."""
    while not _remove_batch(job_id):
        continue


@transaction.atomic
def _remove_batch(job_id: uuid.UUID) -> bool:
    """True if nothing is left to do here: all rows are gone, or another process removes them."""
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
    """Add the job's counters to the totals of its operation."""
    sums = job.leases.aggregate(
        succeeded=Sum("succeeded", default=0),
        failed=Sum("failed", default=0),
        busy_seconds=Sum("busy_seconds", default=0.0),
    )
    OperationTotal.objects.get_or_create(operation=job.operation)
    OperationTotal.objects.filter(operation=job.operation).update(
        **{name: F(name) + value for name, value in sums.items()}
    )
