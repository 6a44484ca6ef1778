"""Turns counts into the numbers and words that people see. Reads; changes nothing."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from time import time
from typing import Any
from uuid import UUID

from django.db.models import Count, Q

from jobs.clusters import any_cluster_lives
from jobs.feed import items_up_to
from jobs.models import Job, Lease
from jobs.states import ENDED, RUNNABLE, JobStatus

LONG_SECONDS, LONG_FACTOR = 10, 10
"""A file is told as slow after so long, if that is so many times the usual."""


@dataclass(frozen=True, slots=True)
class Numbers:
    """The books of a job: succeeded + failed + in_flight + pending + skipped == total."""

    total: int
    succeeded: int
    failed: int
    in_flight: int
    pending: int
    skipped: int

    @property
    def processed(self) -> int:
        return self.succeeded + self.failed

    @property
    def percent(self) -> int:
        """Whole percent of the items that are processed, rounded down; an empty job is done."""
        return 100 * self.processed // self.total if self.total else 0


def numbers(job: Job, tally: dict[str, Any] | None) -> Numbers:
    """Count from the job's row and the sums of its leases (`LeaseQuerySet.tally`)."""
    succeeded = tally["succeeded"] if tally else 0
    failed = tally["failed"] - job.retried if tally else 0
    in_flight = tally["in_flight"] if tally else 0
    rest = max(0, job.total_items - succeeded - failed - in_flight - job.left_out)
    over = job.status in ENDED
    return Numbers(
        total=job.total_items,
        succeeded=succeeded,
        failed=failed,
        in_flight=in_flight,
        pending=0 if over else rest,
        skipped=job.left_out + (rest if over else 0),
    )


def status_object(job: Job) -> dict[str, Any]:
    """The status object of the API for one job."""
    return status_objects([job])[0]


def status_objects(jobs: Iterable[Job]) -> list[dict[str, Any]]:
    """The status objects of some jobs, by a fixed number of queries."""
    jobs = list(jobs)
    return _described(jobs, Lease.objects.tally([job.pk for job in jobs]))


@dataclass(frozen=True, slots=True)
class Standing:
    """How a job stands at one moment: its status object, and what its lanes have finished.

    Who is told that the job has ended is told of all its items, if he is given those up to
    the same `lanes` (`feed.items_up_to`).
    """

    job_id: UUID
    status: dict[str, Any]
    lanes: dict[int, int]


def standing(job: Job) -> Standing:
    tallies = Lease.objects.tally([job.pk])
    return Standing(job.pk, _described([job], tallies)[0], _lanes(tallies.get(job.pk)))


def items_after(job: Job, cursor: str) -> tuple[list[dict[str, Any]], str]:
    """What was processed since the cursor was given out, each item once, and the next cursor.

    `""` and `"0"` start from the beginning; at most ITEMS_LIMIT items, the rest comes with the
    next call. Raises BadCursor. See `feed.items_up_to`.
    """
    return items_up_to(job.pk, cursor, _lanes(Lease.objects.tally([job.pk]).get(job.pk)))


def _lanes(tally: dict[str, Any] | None) -> dict[int, int]:
    return tally["lanes"] if tally else {}


def _described(jobs: list[Job], tallies: dict[UUID, dict[str, Any]]) -> list[dict[str, Any]]:
    now = time()
    running = {job_id: _running(tally, now) for job_id, tally in tallies.items()}
    reasons = _reasons([job for job in jobs if job.status in RUNNABLE], tallies, running)
    return [
        _status(job, tallies.get(job.pk), running.get(job.pk, []), reasons.get(job.pk))
        for job in jobs
    ]


def _status(
    job: Job, tally: dict[str, Any] | None, current: list[dict[str, Any]], reason: str | None
) -> dict[str, Any]:
    found = numbers(job, tally)
    active = job.active_seconds
    rate = tally["rate"] if tally and tally["rate"] and job.status == JobStatus.PROCESSING else None
    return {
        "id": str(job.pk),
        "operation": job.operation,
        "label": job.label,
        "status": job.status,
        "error": job.error or None,
        "progress": {
            "total": found.total,
            "processed": found.processed,
            "succeeded": found.succeeded,
            "failed": found.failed,
            "in_flight": found.in_flight,
            "pending": found.pending,
            "skipped": found.skipped,
            "percent": found.percent,
        },
        "items_per_second": None if rate is None else round(rate, 2),
        "eta_seconds": None if rate is None else round((found.pending + found.in_flight) / rate, 1),
        "notice": job.notice or reason,
        "active_seconds": None if active is None else round(active, 1),
        "created_at": timestamp(job.created_at),
        "started_at": timestamp(job.started_at),
        "finished_at": timestamp(job.finished_at),
        "created_by": _name(job.created_by),
        "cancelled_by": _name(job.cancelled_by),
        "current": current,
    }


def timestamp(moment: datetime | None) -> str | None:
    """ISO 8601 in UTC, as in 2026-01-31T08:15:00.123Z; None stays None."""
    if moment is None:
        return None
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _running(tally: dict[str, Any], now: float) -> list[dict[str, Any]]:
    """What a job's workers process now and for how many seconds, the longest first."""
    return [
        {"path": key, "seconds": round(max(0.0, now - (since or now)), 1)}
        for key, since in tally["running"]
    ]


def _reasons(
    jobs: list[Job],
    tallies: dict[UUID, dict[str, Any]],
    running: dict[UUID, list[dict[str, Any]]],
) -> dict[UUID, str]:
    """Why each of these runnable jobs does not move, or moves slowly, where there is a reason."""
    if not jobs:
        return {}
    if not any_cluster_lives():
        return {job.pk: "No worker is running" for job in jobs}
    reasons: dict[UUID, str] = {}
    ahead: tuple[Job, int] | None = None
    if any(job.prepared and not _workers(tallies.get(job.pk)) for job in jobs):
        ahead = _job_ahead()
    for job in jobs:
        tally = tallies.get(job.pk)
        if not job.prepared:
            reasons[job.pk] = f"Being prepared: {job.total_items:,} items so far"
        elif not tally or not _workers(tally):
            if ahead is not None and ahead[0].pk != job.pk:
                reasons[job.pk] = f"Waiting behind {ahead[0].label} ({ahead[1]:,} left)"
        elif running.get(job.pk):
            longest = running[job.pk][0]
            usual = tally["item_seconds"] or 0.0
            if is_slow(longest["seconds"], usual):
                reasons[job.pk] = (
                    f"“{longest['path']}” has been running for {longest['seconds']:.0f} s "
                    f"where {usual:.1g} s is usual"
                )
    return reasons


def is_slow(seconds: float, usual: float) -> bool:
    """Whether an item that runs for so long is worth a word; `usual` is 0 while unknown."""
    return usual > 0 and seconds > max(LONG_SECONDS, LONG_FACTOR * usual)


def _workers(tally: dict[str, Any] | None) -> int:
    return tally["workers"] if tally else 0


def _job_ahead() -> tuple[Job, int] | None:
    """The job that most workers are busy with, and how many of its items are left."""
    busiest = (
        Job.objects.filter(status__in=RUNNABLE)
        .annotate(held=Count("leases", filter=Q(leases__token__isnull=False)))
        .filter(held__gt=0)
        .order_by("-held", "created_at")
        .first()
    )
    if busiest is None:
        return None
    found = numbers(busiest, Lease.objects.tally([busiest.pk]).get(busiest.pk))
    return busiest, found.pending + found.in_flight


def _name(user: Any) -> str | None:
    return None if user is None else user.get_username()
