"""A job's items as people see them: chosen by status and text, in the job's order, by key.

Nothing here counts items or skips over them, so every page of a job of a million items
costs the same.
"""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet

from jobs.leases import LeaseQuerySet
from jobs.models import Job, JobItem, Lease
from jobs.progress import timestamp
from jobs.states import ENDED, PROCESSED, ItemStatus

STATUSES = (*ItemStatus.values, "processed")
"""What items can be chosen by; `processed` is succeeded or failed."""

_CHUNK = 2_000


def select_items(job: Job, *, status: str = "", search: str = "") -> QuerySet[JobItem]:
    """Items whose reported status is this and whose key contains `search`; empty means any.

    In the job's order.
    """
    items = JobItem.objects.filter(job=job).order_by("position")
    if search:
        items = items.filter(key__icontains=search)
    return of_status(items, job, status) if status else items


def of_status(items: QuerySet[JobItem], job: Job, status: str) -> QuerySet[JobItem]:
    """Those of this job's `items` whose reported status is this, one of STATUSES.

    The pending items of an ended job are skipped ones, and what a worker runs at this moment
    is processing, whatever its row says.
    """
    running = current_items(job)
    if status == ItemStatus.PROCESSING:
        return items.filter(pk__in=running)
    if status == "processed":
        return items.filter(status__in=PROCESSED)
    if status in PROCESSED:
        return items.filter(status=status)
    return items.filter(status__in=_stored(job, status)).exclude(pk__in=running)


def current_items(*jobs: Job) -> set[int]:
    """The ids of the items of these jobs that workers run now: at most one a worker."""
    return running_items(Lease.objects.filter(job__in=jobs))


def running_items(leases: LeaseQuerySet) -> set[int]:
    """The ids of the items that the holders of these leases run now."""
    at_work = leases.filter(current_item__isnull=False).live()
    return {lease.current_item for lease in at_work if lease.current_item is not None}


def shown_status(job: Job, item: JobItem, running: set[int]) -> str:
    """The status that is reported for an item of this job; `running` is `current_items`."""
    if item.status in PROCESSED:
        return item.status
    if item.pk in running:
        return ItemStatus.PROCESSING.value
    over = job.status in ENDED or item.status == ItemStatus.SKIPPED
    return (ItemStatus.SKIPPED if over else ItemStatus.PENDING).value


def each_item(job: Job, *, status: str = "", search: str = "") -> Iterator[JobItem]:
    """Every such item, read page by page: flat memory, and no query that runs for long."""
    items = select_items(job, status=status, search=search)
    after = -1
    while page := list(items.filter(position__gt=after)[:_CHUNK]):
        yield from page
        after = page[-1].position


def item_object(job: Job, item: JobItem, running: set[int]) -> dict[str, Any]:
    """The item as the API and the commands write it."""
    return {
        "path": item.key,
        "status": shown_status(job, item, running),
        "message": item.message,
        "result": item.result,
        "attempts": item.attempts,
        "started_at": timestamp(item.started_at),
        "finished_at": timestamp(item.finished_at),
    }


def _stored(job: Job, status: str) -> list[ItemStatus]:
    """What the rows of pending or skipped items say."""
    over = job.status in ENDED
    if status == ItemStatus.PENDING:
        return [] if over else [ItemStatus.PENDING]
    left_out = [ItemStatus.SKIPPED] if job.left_out else []
    # One value, where it is enough, is read in order from the index.
    return ([ItemStatus.PENDING] if over else []) + left_out
