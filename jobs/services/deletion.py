"""Deletes finished jobs: invisible at once, while rows and outputs are removed in batches."""

import logging
import uuid
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta

from django.db import DatabaseError
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from jobs.conf import conf
from jobs.exceptions import JobStillActive
from jobs.lifecycle import outputs
from jobs.lifecycle.deletion import remove_deleted, remove_job
from jobs.lifecycle.outputs import OutputSize
from jobs.models import Job, Lease
from jobs.services.access import Actor, get_job
from jobs.states import FINISHED

logger = logging.getLogger(__name__)

INLINE_SECONDS = 2.0
"""How long the caller waits for the removal of outputs."""

BATCH = 500
"""Jobs of one statement: others that want one of them wait for milliseconds."""


def delete_job(job_id: uuid.UUID | str, *, actor: Actor, jobs: QuerySet[Job] | None = None) -> None:
    """Delete a finished job with items, events and outputs; nobody sees it any more at once.

    The clusters, or `prune_jobs`, remove the rows of more than JOBS_INLINE_ITEMS items, and
    outputs that take longer than INLINE_SECONDS.

    Raises JobNotFound; JobStillActive, also while a started item still runs.
    """
    job = get_job(job_id, jobs=jobs)
    if not _delete(job.pk, _deletable()):
        get_job(job.pk)  # another call has deleted it meanwhile
        raise JobStillActive
    if job.total_items > conf.INLINE_ITEMS:
        return
    try:
        remove_job(job.pk, seconds=INLINE_SECONDS)
    except (DatabaseError, OSError):
        # The job is deleted; a cluster will remove the rest of it.
        logger.warning("parts of a deleted job are left", extra={"job": job.pk}, exc_info=True)


def measure_old_jobs(*, older_than_days: float) -> tuple[int, OutputSize]:
    """Return how many jobs `prune_jobs` would delete now, and how much they have written.

    Stops measuring when it has counted enough (`OutputSize.more`).
    """
    old = _old(older_than_days)
    found = OutputSize()
    for job in old.only("pk", "operation").iterator():
        found += outputs.measure(job)
        if found.files > outputs.COUNTED:
            return old.count(), replace(found, more=True)
    return old.count(), found


def prune_jobs(
    *, older_than_days: float, progress: Callable[[Job], None] = lambda job: None
) -> int:
    """Delete jobs that finished more than this many days ago; how many. Safe to repeat.

    When this returns, all their rows and outputs are removed, and those of jobs deleted before,
    except outputs that cannot be removed: these are logged.
    """
    old = _old(older_than_days)
    deleted = 0
    for job in old.order_by("created_at"):
        if _delete(job.pk, old):
            with suppress(OSError):  # logged below, where it is tried again
                remove_job(job.pk)
            deleted += 1
            progress(job)
    remove_deleted()
    return deleted


def delete_old_jobs(*, older_than_days: float) -> int:
    """As `prune_jobs`, but the clusters remove the rows: this takes seconds."""
    old = _old(older_than_days)
    deleted = 0
    while some := list(old.values_list("pk", flat=True)[:BATCH]):
        # The condition again: one may have been resumed, or deleted, meanwhile.
        deleted += old.filter(pk__in=some).update(deleted_at=timezone.now())
    return deleted


def _old(days: float) -> QuerySet[Job]:
    """The deletable jobs that finished more than this many days ago."""
    try:
        return _deletable().filter(finished_at__lt=timezone.now() - timedelta(days=days))
    except OverflowError:
        return Job.objects.none()  # no job finished before the first day of the calendar


def _deletable() -> QuerySet[Job]:
    """The finished jobs without a running item."""
    return Job.objects.filter(
        ~Exists(Lease.objects.held().filter(job=OuterRef("pk"))), status__in=FINISHED
    )


def _delete(job_id: uuid.UUID, deletable: QuerySet[Job]) -> bool:
    """Mark it as deleted; False if it is not one of these, or not any more."""
    return bool(deletable.filter(pk=job_id).update(deleted_at=timezone.now()))
