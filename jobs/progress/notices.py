"""Sentences that say why a job does not move, or moves slowly."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone

from jobs.backends import JobTotals, job_totals
from jobs.cluster.registry import any_cluster_lives
from jobs.models import Job
from jobs.progress.status import RunningItem, progress_of
from jobs.progress.write_probe import cause_of_absence, cause_of_standstill
from jobs.states import RUNNABLE

SLOW_SECONDS, SLOW_FACTOR = 10, 10
"""An item counts as slow after this many seconds, if that is this many times the usual."""

WAITS_LONG = timedelta(seconds=10)
"""A job that is older and has no worker may be kept from one by the database."""


def notices(
    jobs: list[Job], totals: Mapping[UUID, JobTotals], running: Mapping[UUID, list[RunningItem]]
) -> dict[UUID, str]:
    """The notices of those of these runnable jobs that need one, by the job's id.

    `totals` and `running` have an entry for each job; `running` begins with the item that has
    been running the longest.
    """
    if not jobs:
        return {}
    if not any_cluster_lives():
        reason = cause_of_absence() or "No worker is running"
        return {job.pk: reason for job in jobs}
    found = _own_reasons(jobs, totals, running)
    stuck = [job for job in jobs if _is_stuck(job, totals[job.pk], running[job.pk])]
    if stuck and (reason := cause_of_standstill()):
        found |= {job.pk: reason for job in stuck}
    return found


def _own_reasons(
    jobs: list[Job], totals: Mapping[UUID, JobTotals], running: Mapping[UUID, list[RunningItem]]
) -> dict[UUID, str]:
    """The reasons that lie in the jobs themselves."""
    found: dict[UUID, str] = {}
    ahead: tuple[Job, int] | None = None
    if any(job.prepared and not totals[job.pk].workers for job in jobs):
        ahead = _busiest_job()
    for job in jobs:
        if not job.prepared:
            found[job.pk] = f"Being prepared: {job.total_items:,} items so far"
        elif not totals[job.pk].workers:
            if ahead is not None and ahead[0].pk != job.pk:
                found[job.pk] = f"Waiting behind {ahead[0].label} ({ahead[1]:,} left)"
        elif running[job.pk]:
            longest, usual = running[job.pk][0], totals[job.pk].item_seconds or 0.0
            if is_slow(longest.seconds, usual):
                found[job.pk] = (
                    f"“{longest.path}” has been running for {longest.seconds:.0f} s "
                    f"where {usual:.1g} s is usual"
                )
    return found


def _is_stuck(job: Job, totals: JobTotals, running: list[RunningItem]) -> bool:
    """Return True if the job may wait for a change of the database, by what it looks like."""
    if not job.prepared or not totals.workers:
        return timezone.now() - job.created_at > WAITS_LONG
    return bool(running) and is_slow(running[0].seconds, totals.item_seconds or 0.0)


def is_slow(seconds: float, usual: float) -> bool:
    """Return True if an item has been running for unusually long; `usual` is 0 while unknown."""
    return usual > 0 and seconds > max(SLOW_SECONDS, SLOW_FACTOR * usual)


def _busiest_job() -> tuple[Job, int] | None:
    """The job with the most workers, and how many of its items are left."""
    job = (
        Job.objects.filter(status__in=RUNNABLE)
        .annotate(held=Count("leases", filter=Q(leases__token__isnull=False)))
        .filter(held__gt=0)
        .order_by("-held", "created_at")
        .first()
    )
    if job is None:
        return None
    progress = progress_of(job, job_totals([job.pk])[job.pk])
    return job, progress.pending + progress.in_flight
