"""Numbers and words about jobs, read from the database; nothing here changes a job.

status          the status object: its fields and how they are counted
notices         why a job does not move
finished_items  what was processed since the last call
items           a job's items by status and text
humanize        numbers of a status object as text
metrics         numbers for Prometheus
"""

from collections.abc import Iterable
from uuid import UUID

from jobs.backends import FinishedRow, JobTotals, job_totals
from jobs.models import Job
from jobs.progress.finished_items import finished_items
from jobs.progress.notices import notices
from jobs.progress.status import (
    Progress,
    RunningItem,
    Snapshot,
    Status,
    progress_of,
    status_of,
    timestamp,
)
from jobs.states import RUNNABLE

__all__ = [
    "Progress", "Snapshot", "Status", "items_after", "progress_of", "snapshot", "status_object",
    "status_objects", "timestamp",
]  # fmt: skip


def status_object(job: Job) -> Status:
    """The status object of one job."""
    return status_objects([job])[0]


def status_objects(jobs: Iterable[Job]) -> list[Status]:
    """The status objects of some jobs, by a fixed number of queries."""
    jobs = list(jobs)
    return _statuses(jobs, job_totals([job.pk for job in jobs]))


def snapshot(job: Job) -> Snapshot:
    """The job as it is now; its items up to this moment come from `finished_items`."""
    totals = job_totals([job.pk])
    return Snapshot(job.pk, _statuses([job], totals)[0], totals[job.pk].slots)


def items_after(job: Job, cursor: str) -> tuple[list[FinishedRow], str]:
    """`finished_items` up to this moment: each item comes once. Raises BadCursor."""
    return finished_items(job.pk, cursor, job_totals([job.pk])[job.pk].slots)


def _statuses(jobs: list[Job], totals: dict[UUID, JobTotals]) -> list[Status]:
    running = {job_id: _running(found) for job_id, found in totals.items()}
    reasons = notices([job for job in jobs if job.status in RUNNABLE], totals, running)
    return [status_of(job, totals[job.pk], running[job.pk], reasons.get(job.pk)) for job in jobs]


def _running(totals: JobTotals) -> list[RunningItem]:
    """What a job's workers process now, the longest first."""
    return [RunningItem(key, round(seconds, 1)) for key, seconds in totals.running]
