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
from jobs.operations import without_name
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
    """Positions after `after` up to `last`, and those of them whose files have changed.

    `chosen`: the only ones that are reset; None for all.
    """

    after: int
    last: int
    is_last: bool
    changed: list[int]
    chosen: list[int] | None = None


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
    error = todo.get("error") if kind == "retry" else None
    batch = _next_batch(job, items, size, reads_disk=reads_disk, error=error)
    items = items.filter(position__gt=batch.after, position__lte=batch.last)
    if batch.chosen is not None:
        items = items.filter(position__in=batch.chosen)
    elif kind == "check":
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


def _next_batch(
    job: Job, items: QuerySet[JobItem], size: int, *, reads_disk: bool, error: str | None
) -> _Batch:
    after = job.preparation["after"]
    ahead = items.filter(position__gt=after).order_by("position")
    rows = list(ahead.values_list("position", "message", *ITEM_FILE)[:size])
    last = rows[-1][0] if rows else after
    is_last = len(rows) < size
    if error is not None:
        rows = [row for row in rows if error in (row[1], without_name(row[1], row[2]))]
    changed = []
    if reads_disk:
        found = has_drifted(job, [ItemFile(*row[2:]) for row in rows])
        changed = [row[0] for row, is_changed in zip(rows, found, strict=True) if is_changed]
    if error is None:
        return _Batch(after, last, is_last, changed)
    kept = set(changed)
    return _Batch(after, last, is_last, changed, [row[0] for row in rows if row[0] not in kept])


def retry_of_error(error: str, *, skip_changed: bool) -> Preparation:
    """Make the items that have failed with this error pending again, beside those that are."""
    return {
        "kind": "retry",
        "step": "reset",
        "after": -1,
        "error": error,
        "skip_changed": skip_changed,
        "check": skip_changed,
    }


def _following(todo: Preparation, batch: _Batch) -> Preparation | None:
    """The next step; None after the last."""
    if not batch.is_last:
        return {**todo, "after": batch.last}
    if todo.get("step") == "skip":
        return {**todo, "step": "reset", "after": -1}
    if todo["kind"] == "restore" and "error" in todo:
        return retry_of_error(todo["error"], skip_changed=todo["skip_changed"])
    if (todo["kind"] == "restore" and todo.get("skip_changed")) or todo.get("check"):
        return CHECK
    return None
