"""Deletes jobs that have ended, with their items, in batches that block nobody for long."""

import uuid
from collections.abc import Callable
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef, QuerySet, Sum
from django.utils import timezone

from jobs.exceptions import JobStillActive
from jobs.models import Job, JobItem, Lease, OperationTotal
from jobs.preparation import DELETE
from jobs.services.access import Actor, get_job
from jobs.states import ENDED

BATCH = 5_000


def delete_job(job_id: uuid.UUID | str, *, actor: Actor, jobs: QuerySet[Job] | None = None) -> None:
    """Delete a job that has ended, its items and events.

    Raises JobNotFound; JobStillActive, also while a started item of it still runs.
    """
    job = get_job(job_id, jobs=jobs)
    if not _delete(job.pk, _deletable()):
        get_job(job.pk)  # somebody else has deleted it meanwhile
        raise JobStillActive


def prune_jobs(
    *, older_than_days: float, progress: Callable[[Job], None] = lambda job: None
) -> int:
    """Delete the jobs that ended more than so many days ago; how many. Safe to repeat."""
    try:
        limit = timezone.now() - timedelta(days=older_than_days)
    except OverflowError:
        return 0  # before the first of all days nothing has ended
    old = _deletable().filter(finished_at__lt=limit)
    deleted = 0
    for job in old.order_by("created_at"):
        if _delete(job.pk, old):
            deleted += 1
            progress(job)
    return deleted


def _deletable() -> QuerySet[Job]:
    """The jobs that have ended, and of which no started item still runs."""
    return Job.objects.filter(
        ~Exists(Lease.objects.held().filter(job=OuterRef("pk"))), status__in=ENDED
    )


def _delete(job_id: uuid.UUID, deletable: QuerySet[Job]) -> bool:
    """Delete a job in batches; False if it is not one of these, or not any more."""
    # From here on nobody can resume it; if this is interrupted, it can be deleted again.
    doomed = {"prepared": False, "preparation": {"kind": DELETE}}
    if not deletable.filter(pk=job_id).update(**doomed):
        return False
    while ids := list(JobItem.objects.filter(job=job_id).values_list("pk", flat=True)[:BATCH]):
        JobItem.objects.filter(pk__in=ids).delete()
    with transaction.atomic():
        locked = Job.objects.select_for_update().filter(pk=job_id).first()
        if locked is None:
            return False
        _keep_totals(locked)
        locked.delete()
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
