"""Removes the outputs and the rows of deleted jobs in short batches.

The clusters remove some with every sweep, so nobody has to wait for a million rows. Each batch
of rows is a transaction that locks the job's row: it may be interrupted anywhere, and several
processes may remove rows at the same time. The job's own row goes last, after its outputs, so
that a crash forgets none.
"""

import logging
import math
import uuid
from time import monotonic

from django.db import transaction
from django.db.models import F, Sum

from jobs.lifecycle import outputs
from jobs.models import Job, JobItem, OperationTotal

logger = logging.getLogger(__name__)

BATCH = 5_000

RETRY_SECONDS = 600.0

_retry_at: dict[uuid.UUID, float] = {}
"""When this process tries again to remove outputs that it could not remove."""


def remove_deleted(*, seconds: float = math.inf) -> None:
    """Remove what is left of all deleted jobs for about `seconds`; at least one batch.

    Outputs that cannot be removed are logged, and tried again after RETRY_SECONDS.
    """
    deadline = monotonic() + seconds
    for job in list(Job.deleted.only("pk", "operation")):
        try:
            _remove(job, deadline)
        except OSError as error:
            _retry_at[job.pk] = monotonic() + RETRY_SECONDS
            extra = {"job": job.pk}
            logger.warning("outputs of a deleted job cannot be removed: %s", error, extra=extra)
        if monotonic() > deadline:
            return


def remove_job(job_id: uuid.UUID, *, seconds: float = math.inf) -> None:
    """Remove all rows and outputs of a deleted job, unless another process is removing them.

    A cluster removes the rest of the outputs if they take longer than `seconds`. Raises OSError
    if outputs cannot be removed.
    """
    for job in Job.deleted.filter(pk=job_id).only("pk", "operation"):
        if outputs.remove(job, deadline=monotonic() + seconds):
            while not _remove_batch(job.pk):
                continue


def _remove(job: Job, deadline: float) -> None:
    """Remove the outputs, then the rows; return early at the deadline. Raises OSError."""
    if monotonic() < _retry_at.get(job.pk, 0.0):
        return
    if not outputs.remove(job, deadline=deadline):
        return
    _retry_at.pop(job.pk, None)
    while not _remove_batch(job.pk):
        if monotonic() > deadline:
            return


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
