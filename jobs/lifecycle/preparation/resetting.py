"""Makes items pending again, or skips them, a batch at a time.

With `skip_changed`, items whose files have changed or disappeared since the job was created are
skipped. The disk is read before the transaction, which others may wait for.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, QuerySet

from jobs.library.drift import ITEM_FILE, ItemFile, has_drifted
from jobs.lifecycle.preparation.steps import CHECK, Preparation, advance
from jobs.models import Job, JobItem
from jobs.states import ItemStatus

RESET_STEPS = {
    ("restore", None): (ItemStatus.SKIPPED, ItemStatus.PENDING),
    ("check", None): (ItemStatus.PENDING, ItemStatus.SKIPPED),
    ("retry", "skip"): (ItemStatus.PENDING, ItemStatus.SKIPPED),
    ("retry", "reset"): (ItemStatus.FAILED, ItemStatus.PENDING),
}
"""The old and the new status, by kind and step."""


@dataclass(frozen=True, slots=True)
class _Batch:
    """Positions after `after` up to `last`, and those of them whose files have changed."""

    after: int
    last: int
    is_last: bool
    changed: list[int]


def reset_items(job: Job, size: int) -> bool:
    """The next `size` items of a retry, restore or check; True if these were the last.

    Raises LibraryUnreadable and PreparationLost.
    """
    todo: Preparation = job.preparation
    kind, step = todo["kind"], todo.get("step")
    old, new = RESET_STEPS[kind, step]
    # An item that a worker still holds is left to that worker.
    items = JobItem.objects.filter(job=job, status=old, lease_token__isnull=True)
    reads_disk = kind == "check" or (bool(todo.get("skip_changed")) and step != "skip")
    batch = _next_batch(job, items, size, reads_disk=reads_disk)
    items = items.filter(position__gt=batch.after, position__lte=batch.last)
    if kind == "check":
        items = items.filter(position__in=batch.changed)
    elif batch.changed:
        items = items.exclude(position__in=batch.changed)
    with transaction.atomic():
        count = items.update(
            status=new,
            message="",
            result=None,
            attempts=0,
            started_at=None,
            finished_at=None,
            slot=None,
            sequence=None,
        )
        skipped = count * ((new is ItemStatus.SKIPPED) - (old is ItemStatus.SKIPPED))
        retried = count * (old is ItemStatus.FAILED)
        return advance(
            job,
            _following(todo, batch),
            skipped=F("skipped") + skipped,
            retried=F("retried") + retried,
        )


def _next_batch(job: Job, items: QuerySet[JobItem], size: int, *, reads_disk: bool) -> _Batch:
    after = job.preparation["after"]
    ahead = items.filter(position__gt=after).order_by("position")
    rows = list(ahead.values_list("position", *ITEM_FILE)[:size])
    changed = []
    if reads_disk:
        found = has_drifted([ItemFile(*row[1:]) for row in rows])
        changed = [row[0] for row, is_changed in zip(rows, found, strict=True) if is_changed]
    last = rows[-1][0] if rows else after
    return _Batch(after, last, len(rows) < size, changed)


def _following(todo: Preparation, batch: _Batch) -> Preparation | None:
    """The next step; None after the last."""
    if not batch.is_last:
        return {**todo, "after": batch.last}
    if todo.get("step") == "skip":
        return {**todo, "step": "reset", "after": -1}
    if (todo["kind"] == "restore" and todo.get("skip_changed")) or todo.get("check"):
        return CHECK
    return None
