"""Gives items back to a job that goes on, or leaves them out, a batch at a time.

Items whose files have changed or vanished since the job was made are told apart where the
person wants to do without them. The disk is asked before the transaction: others may wait
for that one.
"""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

from jobs.library.changes import is_other
from jobs.models import Job, JobItem
from jobs.preparation.steps import CHECK, advance
from jobs.states import ItemStatus

MOVES = {
    ("restore", None): (ItemStatus.SKIPPED, ItemStatus.PENDING),
    ("check", None): (ItemStatus.PENDING, ItemStatus.SKIPPED),
    ("retry", "leave_out"): (ItemStatus.PENDING, ItemStatus.SKIPPED),
    ("retry", "reset"): (ItemStatus.FAILED, ItemStatus.PENDING),
}
"""Which status becomes which, in each kind and step."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Positions after `after` up to `last`, and those among them whose files are others now."""

    after: int
    last: int
    is_last: bool
    others: list[int]


def reset_items(job: Job, size: int) -> bool:
    """The next `size` items of a retry, restore or check; True if these were the last of all.

    Raises LibraryUnreadable, and NotAllowed.
    """
    todo = job.preparation
    kind, step = todo["kind"], todo.get("step")
    old, new = MOVES[kind, step]
    # An item that a worker still holds is left to that worker.
    items = JobItem.objects.filter(job=job, status=old, claim__isnull=True)
    asks_disk = kind == "check" or (bool(todo.get("unchanged_only")) and step != "leave_out")
    batch = _look_at(job, items, size, asks_disk=asks_disk)
    items = items.filter(position__gt=batch.after, position__lte=batch.last)
    if kind == "check":
        items = items.filter(position__in=batch.others)
    elif batch.others:
        items = items.exclude(position__in=batch.others)
    with transaction.atomic():
        moved = items.update(
            status=new,
            message="",
            result=None,
            attempts=0,
            started_at=None,
            finished_at=None,
            lane=None,
            sequence=None,
        )
        left_out = moved * ((new is ItemStatus.SKIPPED) - (old is ItemStatus.SKIPPED))
        retried = moved * (old is ItemStatus.FAILED)
        return advance(
            job,
            _after(todo, batch),
            left_out=F("left_out") + left_out,
            retried=F("retried") + retried,
        )


def _look_at(job: Job, items: QuerySet[JobItem], size: int, *, asks_disk: bool) -> _Batch:
    after = job.preparation["after"]
    ahead = items.filter(position__gt=after).order_by("position")
    if not asks_disk:
        positions = list(ahead.values_list("position", flat=True)[:size])
        others = []
    else:
        rows = list(ahead.values_list("position", "key", "file_id")[:size])
        positions = [position for position, _, _ in rows]
        is_others = is_other(job, [(key, file_id) for _, key, file_id in rows])
        others = [position for position, other in zip(positions, is_others, strict=True) if other]
    last = positions[-1] if positions else after
    return _Batch(after, last, len(positions) < size, others)


def _after(todo: dict[str, Any], batch: _Batch) -> dict[str, Any] | None:
    """What comes next; None if nothing does."""
    if not batch.is_last:
        return {**todo, "after": batch.last}
    if todo.get("step") == "leave_out":
        return {**todo, "step": "reset", "after": -1}
    if (todo["kind"] == "restore" and todo.get("unchanged_only")) or todo.get("check"):
        return CHECK
    return None
