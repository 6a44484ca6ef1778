"""The statuses of jobs and items, and the one table of allowed transitions.

Everything that changes a job's status asks `TRANSITIONS` for the statuses that a transition may
start from; no other Python module lists them.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.db.models import TextChoices


class JobStatus(TextChoices):
    QUEUED = "queued", "Queued"
    PROCESSING = "processing", "Processing"
    PAUSED = "paused", "Paused"
    COMPLETED = "completed", "Completed"
    CANCELLED = "cancelled", "Cancelled"
    FAILED = "failed", "Failed"


class ItemStatus(TextChoices):
    PENDING = "pending", "Pending"
    PROCESSING = "processing", "Processing"
    SUCCEEDED = "succeeded", "Succeeded"
    FAILED = "failed", "Failed"
    SKIPPED = "skipped", "Skipped"  # by a resume or retry; see Job.skipped


WARNING = "warning"
"""What lists and filters call a success with a message."""


def shown_status(status: str, message: str | None) -> str:
    """The status of an item or outcome as people see it: WARNING for a success with a message."""
    return WARNING if status == ItemStatus.SUCCEEDED and message else status


RUNNABLE = frozenset({JobStatus.QUEUED, JobStatus.PROCESSING})
"""Workers start items only of jobs with one of these statuses."""

ACTIVE = RUNNABLE | {JobStatus.PAUSED}
"""The job is not finished."""

FINISHED = frozenset(JobStatus) - ACTIVE

PROCESSED = frozenset({ItemStatus.SUCCEEDED, ItemStatus.FAILED})
"""The operation has ended for the item, with success or failure."""

UNFINISHED = (ItemStatus.PENDING, ItemStatus.PROCESSING)
"""The operation has not ended for the item, and the item is not skipped."""


class Transition(StrEnum):
    """What can happen to a job's status. Values are the names used in events."""

    BEGIN = "begin"  # a worker took the first lease
    COMPLETE = "complete"  # no item is left
    CANCEL = "cancel"  # a person
    PAUSE = "pause"  # a person, or the engine after many equal errors
    FAIL = "fail"  # the job cannot continue, or has passed its failure limit
    RESUME = "resume"  # a person: continue with what was not processed
    RETRY = "retry"  # a person: do again what failed


@dataclass(frozen=True, slots=True)
class TransitionRule:
    """The statuses that a transition may start from, and its target."""

    sources: frozenset[JobStatus]
    target: JobStatus


TRANSITIONS: dict[Transition, TransitionRule] = {
    Transition.BEGIN: TransitionRule(frozenset({JobStatus.QUEUED}), JobStatus.PROCESSING),
    Transition.COMPLETE: TransitionRule(RUNNABLE, JobStatus.COMPLETED),
    Transition.CANCEL: TransitionRule(ACTIVE, JobStatus.CANCELLED),
    Transition.PAUSE: TransitionRule(RUNNABLE, JobStatus.PAUSED),
    Transition.FAIL: TransitionRule(ACTIVE, JobStatus.FAILED),
    Transition.RESUME: TransitionRule(FINISHED | {JobStatus.PAUSED}, JobStatus.QUEUED),
    Transition.RETRY: TransitionRule(FINISHED | {JobStatus.PAUSED}, JobStatus.QUEUED),
}
