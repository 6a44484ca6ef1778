"""Sentences that say why a job does not move, or moves slowly."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone

from jobs.backends import JobTotals, job_totals
from jobs.cluster.registry import fetch_live_clusters
from jobs.cluster.unknown_operations import unknown_to_all
from jobs.models import Cluster, Job
from jobs.progress.status import RunningItem, progress_of
from jobs.progress.write_probe import cause_of_absence, cause_of_standstill
from jobs.states import RUNNABLE

SLOW_SECONDS, SLOW_FACTOR = 10, 10
"""An item counts as slow after this many seconds, if that is this many times the usual."""

WAITS_LONG = timedelta(seconds=10)
"""A job that is older and has no worker may be kept from one by the database."""


_WAITS = "Waiting behind"


def notices(
    jobs: list[Job], totals: Mapping[UUID, JobTotals], running: Mapping[UUID, list[RunningItem]]
) -> dict[UUID, str]:
    """The notices of those of these runnable jobs that need one, by the job's id.

    `totals` and `running` have an entry for each job; `running` begins with the item that has
    been running the longest.
    """
    if not jobs:
        return {}
    clusters = fetch_live_clusters()
    if not clusters:
        reason = cause_of_absence() or "No worker is running"
        return {job.pk: reason for job in jobs}
    found = _own_reasons(jobs, totals, running, clusters)
    # A job that waits for its turn behind others is where it should be.
    waits = {pk for pk, notice in found.items() if notice.startswith(_WAITS)}
    stuck = [
        job
        for job in jobs
        if job.pk not in waits and _is_stuck(job, totals[job.pk], running[job.pk])
    ]
    if stuck and (reason := cause_of_standstill()):
        found |= {job.pk: reason for job in stuck}
    return found


def _own_reasons(
    jobs: list[Job],
    totals: Mapping[UUID, JobTotals],
    running: Mapping[UUID, list[RunningItem]],
    clusters: list[Cluster],
) -> dict[UUID, str]:
    """The reasons that lie in the jobs themselves."""
    unknown = unknown_to_all({job.operation for job in jobs}, clusters)
    found: dict[UUID, str] = {}
    ahead: tuple[Job, int] | None = None
    if any(job.prepared and not totals[job.pk].workers for job in jobs):
        ahead = _busiest_job()
    for job in jobs:
        if totals[job.pk].workers and job.prepared:
            notice = _slow_item(totals[job.pk], running[job.pk])
        elif job.operation in unknown and not totals[job.pk].workers:
            notice = f"{unknown[job.operation]}, or cancel the job."
        elif not job.prepared:
            notice = f"Being prepared: {job.total_items:,} items so far"
        elif ahead is not None and ahead[0].pk != job.pk:
            notice = f"{_WAITS} {ahead[0].label} ({ahead[1]:,} left)"
        else:
            continue
        if notice:
            found[job.pk] = notice
    return found


def _is_stuck(job: Job, totals: JobTotals, running: list[RunningItem]) -> bool:
    """Return True if the job may wait for a change of the database, by what it looks like."""
    if not job.prepared or not totals.workers:
        return timezone.now() - job.created_at > WAITS_LONG
    return bool(running) and is_slow(running[0].seconds, totals.item_seconds or 0.0)


def _slow_item(totals: JobTotals, running: list[RunningItem]) -> str:
    """Names an item that has been running for unusually long; empty if there is none."""
    if not running or not is_slow(running[0].seconds, totals.item_seconds or 0.0):
        return ""
    return (
        f"“{running[0].path}” has been running for {running[0].seconds:.0f} s "
        f"where {totals.item_seconds:.1g} s is usual"
    )


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
