"""Deletes jobs that have ended: at once for everybody who looks; their rows go in batches."""

import logging
import uuid
from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from jobs import conf
from jobs.exceptions import JobStillActive
from jobs.models import Job, Lease
from jobs.removal import remove_deleted, remove_job
from jobs.services.access import Actor, get_job
from jobs.states import ENDED

logger = logging.getLogger(__name__)

BATCH = 500
"""So many jobs are deleted by one statement: whoever wants one of them waits for milliseconds."""


def delete_job(job_id: uuid.UUID | str, *, actor: Actor, jobs: QuerySet[Job] | None = None) -> None:
    """Delete a job that has ended, its items and events; from now on it is nowhere to be found.

    The rows of more than JOBS_PREPARE_ITEMS items are left to the clusters, or to `prune_jobs`.

    Raises JobNotFound; JobStillActive, also while a started item of it still runs.
    """
    job = get_job(job_id, jobs=jobs)
    if not _delete(job.pk, _deletable()):
        get_job(job.pk)  # somebody else has deleted it meanwhile
        raise JobStillActive
    if job.total_items > conf.get("PREPARE_ITEMS"):
        return
    try:
        remove_job(job.pk)
    except DatabaseError:
        # It is deleted, whatever becomes of its rows now; a cluster will remove them.
        logger.warning("rows of a deleted job are left", extra={"job": job.pk}, exc_info=True)


def prune_jobs(
    *, older_than_days: float, progress: Callable[[Job], None] = lambda job: None
) -> int:
    """Delete the jobs that ended more than so many days ago; how many. Safe to repeat.

    All their rows are gone when this returns, and those of jobs that were deleted before.
    """
    old = _old(older_than_days)
    deleted = 0
    for job in old.order_by("created_at"):
        if _delete(job.pk, old):
            remove_job(job.pk)
            deleted += 1
            progress(job)
    remove_deleted()
    return deleted


def delete_old_jobs(*, older_than_days: float) -> int:
    """As `prune_jobs`, but all their rows are left to the clusters: a matter of seconds."""
    old = _old(older_than_days)
    deleted = 0
    while some := list(old.values_list("pk", flat=True)[:BATCH]):
        # The condition again: one may have been resumed, or deleted, meanwhile.
        deleted += old.filter(pk__in=some).update(deleted_at=timezone.now())
    return deleted


def _old(days: float) -> QuerySet[Job]:
    """The jobs that may be deleted and ended more than so many days ago."""
    try:
        return _deletable().filter(finished_at__lt=timezone.now() - timedelta(days=days))
    except OverflowError:
        return Job.objects.none()  # before the first of all days nothing has ended


def _deletable() -> QuerySet[Job]:
    """The jobs that have ended, and of which no started item still runs."""
    return Job.objects.filter(
        ~Exists(Lease.objects.held().filter(job=OuterRef("pk"))), status__in=ENDED
    )


def _delete(job_id: uuid.UUID, deletable: QuerySet[Job]) -> bool:
    """Mark it as deleted; False if it is not one of these, or not any more."""
    return bool(deletable.filter(pk=job_id).update(deleted_at=timezone.now()))
