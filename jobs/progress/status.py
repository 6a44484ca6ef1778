"""The status object: what the API, the commands and the admin site report about a job.

These dataclasses are its only definition. The JSON is their fields, in this order; the OpenAPI
schema comes from their types and from the texts in `Annotated`. A new field needs a line here
and in `status_of`, a row in docs/reference/api.md, and a place on the page.
"""

from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Annotated, Any, NewType, TypeVar, overload
from uuid import UUID

from jobs.backends import JobTotals
from jobs.models import Job
from jobs.operations import summarize
from jobs.progress.names import job_name
from jobs.states import FINISHED, JobStatus

Timestamp = NewType("Timestamp", str)
"""ISO 8601 in UTC, as in 2026-01-31T08:15:00.123Z."""

Uuid = NewType("Uuid", str)
"""As in 550e8400-e29b-41d4-a716-446655440000."""

UNTAGGED = object()
"""Marks a field that no ETag depends on: an object that differs in it alone is not sent again."""


@dataclass(frozen=True, slots=True)
class Progress:
    """succeeded + failed + in_flight + pending + skipped == total, at every moment."""

    total: Annotated[int, "Items; while the job is being prepared, those added so far."]
    processed: Annotated[int, "succeeded + failed."]
    succeeded: int
    failed: int
    in_flight: Annotated[int, "Being processed now."]
    pending: int
    skipped: Annotated[int, "Not processed: the job has ended, or a resume or retry skipped them."]
    warnings: Annotated[int, "Of the succeeded, those whose operation had something to say."]
    percent: Annotated[int, "floor(100 × processed / total); 0 for a job without items."]


@dataclass(frozen=True, slots=True)
class RunningItem:
    """An item that a worker processes now."""

    path: str
    seconds: Annotated[float, "How long it has been running.", UNTAGGED]


@dataclass(frozen=True, slots=True)
class Status:
    """The state of a job."""

    id: Uuid
    operation: Annotated[str, "The name of the operation."]
    label: Annotated[str, "The operation's name for people."]
    name: Annotated[str, "The job's name for people: the operation, what was chosen, how many."]
    parameters: Annotated[dict[str, Any], "The values of the operation's parameters."]
    status: JobStatus
    error: Annotated[str | None, "Why the job itself has failed."]
    progress: Progress
    totals: Annotated[
        dict[str, float], "The operation's own numbers, summed up over the succeeded items."
    ]
    summary: Annotated[str | None, "What the operation says about the job as a whole."]
    items_per_second: Annotated[float | None, "From recent items; null if the job does not run."]
    eta_seconds: Annotated[float | None, "Seconds until the job ends, at this rate."]
    notice: Annotated[str | None, "What keeps the job from moving."]
    repeated_error: Annotated[
        str | None, "The error that has paused the job after many equal ones, until it continues."
    ]
    active_seconds: Annotated[
        float | None,
        "How long it was worked on, without pauses and the time between an end and a resume.",
        UNTAGGED,
    ]
    created_at: Annotated[Timestamp, "UTC, as all times."]
    started_at: Timestamp | None
    finished_at: Timestamp | None
    created_by: Annotated[str | None, "A user name."]
    cancelled_by: str | None
    current: Annotated[list[RunningItem], "What is being processed now, the longest first."]


@dataclass(frozen=True, slots=True)
class StartedJob(Status):
    """The state of a job that was just started."""

    job_id: Annotated[Uuid, "The same as `id`."]
    total_items: Annotated[int, "The same as `progress.total`."]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A job at one moment: its status object and how far each slot was.

    Items read up to the same `slots` belong to this status: a reader who sees a finished job
    and reads on (`finished_items`) misses none of them.
    """

    job_id: UUID
    status: Status
    slots: dict[int, int]
    """How many items each slot has ever finished, by its number."""


def progress_of(job: Job, totals: JobTotals) -> Progress:
    """Count from the job's row and the totals of its leases."""
    succeeded, failed = totals.succeeded, totals.failed - job.retried
    processed, total = succeeded + failed, job.total_items
    rest = max(0, total - processed - totals.in_flight - job.skipped)
    ended = job.status in FINISHED
    return Progress(
        total=total,
        processed=processed,
        succeeded=succeeded,
        failed=failed,
        in_flight=totals.in_flight,
        pending=0 if ended else rest,
        skipped=job.skipped + (rest if ended else 0),
        warnings=totals.warnings,
        percent=100 * processed // total if total else 0,
    )


def status_of(
    job: Job, totals: JobTotals, current: list[RunningItem], reason: str | None
) -> Status:
    """The status object; `reason` is the notice of a job that has none of its own."""
    progress = progress_of(job, totals)
    active = job.active_seconds
    rate = totals.rate if job.status == JobStatus.PROCESSING else 0.0
    left = progress.pending + progress.in_flight
    return Status(
        id=Uuid(str(job.pk)),
        operation=job.operation,
        label=job.label,
        name=job_name(job),
        parameters=job.parameters,
        status=JobStatus(job.status),
        error=job.error or None,
        progress=progress,
        totals=totals.by_name,
        summary=summarize(job.operation, progress, totals.by_name),
        items_per_second=round(rate, 2) if rate else None,
        eta_seconds=round(left / rate, 1) if rate else None,
        notice=job.notice or reason,
        repeated_error=job.repeated_error or None,
        active_seconds=None if active is None else round(active, 1),
        created_at=timestamp(job.created_at),
        started_at=timestamp(job.started_at),
        finished_at=timestamp(job.finished_at),
        created_by=_username(job.created_by),
        cancelled_by=_username(job.cancelled_by),
        current=current,
    )


def started_job(status: Status) -> StartedJob:
    """The answer to a call that has started this job."""
    return extend(status, StartedJob, job_id=status.id, total_items=status.progress.total)


Extended = TypeVar("Extended", bound=Status)


def extend(status: Status, shape: type[Extended], **values: Any) -> Extended:
    """The status object with the fields that `shape` adds."""
    return shape(**{field.name: getattr(status, field.name) for field in fields(status)}, **values)


@overload
def timestamp(moment: datetime) -> Timestamp: ...
@overload
def timestamp(moment: datetime | None) -> Timestamp | None: ...
def timestamp(moment: datetime | None) -> Timestamp | None:
    """The moment in the form of `Timestamp`; None stays None."""
    if moment is None:
        return None
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return Timestamp(text.replace("+00:00", "Z"))


def _username(user: Any) -> str | None:
    return None if user is None else user.get_username()
