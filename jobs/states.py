"""Statuses of jobs and items, and the one table of allowed moves.

Everything that changes a job's status asks `MOVES` for the statuses a move may start
from; nothing else in the project lists them.
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
    SKIPPED = "skipped", "Skipped"  # left out by a resume or retry; see Job.left_out


RUNNABLE = frozenset({JobStatus.QUEUED, JobStatus.PROCESSING})
"""A worker may start an item of a job in one of these, and of no other."""

ACTIVE = RUNNABLE | {JobStatus.PAUSED}
"""The job is not over."""

ENDED = frozenset(JobStatus) - ACTIVE

PROCESSED = frozenset({ItemStatus.SUCCEEDED, ItemStatus.FAILED})
"""The operation has ended for the item, well or not."""


OPEN = (ItemStatus.PENDING, ItemStatus.PROCESSING)
"""The operation has not ended for the item, and it is not left out."""


class Move(StrEnum):
    """What can happen to a job's status. Values are the names used in events."""

    BEGIN = "begin"  # a worker took the first lease
    COMPLETE = "complete"  # no item is left
    CANCEL = "cancel"  # a person
    PAUSE = "pause"  # a person, or the engine after many equal errors
    FAIL = "fail"  # the job cannot go on, or has passed its failure limit
    RESUME = "resume"  # a person: go on with what was not processed
    RETRY = "retry"  # a person: do again what failed


@dataclass(frozen=True, slots=True)
class Arrow:
    """One move: the statuses that it may start from and the one where it ends."""

    sources: frozenset[JobStatus]
    target: JobStatus


MOVES: dict[Move, Arrow] = {
    Move.BEGIN: Arrow(frozenset({JobStatus.QUEUED}), JobStatus.PROCESSING),
    Move.COMPLETE: Arrow(RUNNABLE, JobStatus.COMPLETED),
    Move.CANCEL: Arrow(ACTIVE, JobStatus.CANCELLED),
    Move.PAUSE: Arrow(RUNNABLE, JobStatus.PAUSED),
    Move.FAIL: Arrow(ACTIVE, JobStatus.FAILED),
    Move.RESUME: Arrow(ENDED | {JobStatus.PAUSED}, JobStatus.QUEUED),
    Move.RETRY: Arrow(ENDED, JobStatus.QUEUED),
}
