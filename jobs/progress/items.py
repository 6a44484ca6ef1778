"""A job's items as people see them: chosen by status and text, in the job's order, by key.

Nothing here counts items or skips over them, so every page of a job of a million items
costs the same.
"""

from collections.abc import Iterator
from typing import Annotated, Any, TypedDict

from django.db.models import Q, QuerySet

from jobs.backends import job_totals, live_leases
from jobs.library.spellings import spellings
from jobs.models import Job, JobItem, Lease
from jobs.progress.status import Timestamp, progress_of, timestamp
from jobs.states import FINISHED, PROCESSED, WARNING, ItemStatus

STATUSES = (*ItemStatus.values, "processed", WARNING)
"""What items can be chosen by. `processed` is succeeded or failed, `warning` succeeded with a
message."""

CHUNK = 500
"""Rows of one query of `each_item`: a row can have 64 KB."""

PAGE_CHUNK = 200
"""Rows of one query of `read_page`."""

PAGE_TEXT = 2 * 1024 * 1024
"""Characters of the messages and results on one page; a page ends earlier rather than grow."""

COLUMNS = ("path", "status", "message", "result", "attempts", "started_at", "finished_at")
"""The fields of `Item`, in order."""

_FIELDS = ("pk", "position", "key", *COLUMNS[1:])


class Item(TypedDict):
    """An item as the API and the commands write it."""

    path: str
    status: ItemStatus
    message: str
    result: Annotated[Any, "What the operation has returned: an object, or null."]
    attempts: Annotated[int, "How many times it was tried."]
    started_at: Timestamp | None
    finished_at: Timestamp | None


def select_items(job: Job, *, status: str = "", search: str = "") -> QuerySet[JobItem]:
    """Items with this reported status and `search` in their key; an empty value matches any.

    Composed and decomposed characters match each other. In the job's order.
    """
    items = JobItem.objects.filter(job=job).order_by("position")
    if search:
        matches = Q()
        for text in spellings(search):
            matches |= Q(key__icontains=text)
        items = items.filter(matches)
    return of_status(items, job, status) if status else items


def of_status(items: QuerySet[JobItem], job: Job, status: str) -> QuerySet[JobItem]:
    """Those of this job's `items` whose reported status is this, one of STATUSES.

    The pending items of an ended job are reported as skipped. An item that a worker runs now is
    reported as processing, whatever its row says.
    """
    running = current_items(job)
    if status == ItemStatus.PROCESSING:
        return items.filter(pk__in=running)
    if status == "processed":
        return items.filter(status__in=PROCESSED)
    if status == WARNING:
        return items.filter(status=ItemStatus.SUCCEEDED).exclude(message="")
    if status in PROCESSED:
        return items.filter(status=status)
    return items.filter(status__in=_stored(job, status)).exclude(pk__in=running)


def current_items(*jobs: Job) -> set[int]:
    """The ids of the items of these jobs that workers run now: at most one a worker."""
    running = live_leases(Lease.objects.filter(job__in=jobs, current_item__isnull=False))
    return {lease.current_item for lease in running if lease.current_item is not None}


def shown_status(job: Job, item: Any, running: set[int]) -> ItemStatus:
    """The status that is reported for an item of this job: a JobItem or a row of `read_items`.

    `running` is `current_items`.
    """
    if item.status in PROCESSED:
        return ItemStatus(item.status)
    if item.pk in running:
        return ItemStatus.PROCESSING
    skipped = job.status in FINISHED or item.status == ItemStatus.SKIPPED
    return ItemStatus.SKIPPED if skipped else ItemStatus.PENDING


def read_items(
    job: Job, *, status: str = "", search: str = "", after: int = -1, limit: int = CHUNK
) -> list[Any]:
    """At most `limit` such items (see `select_items`) after a position, in the job's order.

    The rows are named tuples with `pk`, `position`, `key` and the fields of an item except its
    path. A million instances of the model would take three times as long.
    """
    items = select_items(job, status=status, search=search).filter(position__gt=after)
    return list(items.values_list(*_FIELDS, named=True)[:limit])


def read_page(job: Job, *, after: int, limit: int, **chosen: str) -> tuple[list[Any], bool]:
    """The rows of `read_items`, and whether more follow.

    At most `limit`, and fewer if they have more text than PAGE_TEXT, but at least one.
    """
    rows: list[Any] = []
    size = 0
    while True:
        asked = min(PAGE_CHUNK, limit + 1 - len(rows))
        found = read_items(job, **chosen, after=after, limit=asked)
        for row in found:
            size += _text_size(row)
            if len(rows) == limit or (rows and size > PAGE_TEXT):
                return rows, True
            rows.append(row)
        if len(found) < asked:
            return rows, False
        after = rows[-1].position


def _text_size(row: Any) -> int:
    return len(row.key) + len(row.message) + (len(str(row.result)) if row.result else 0)


def each_item(job: Job, *, status: str = "", search: str = "") -> Iterator[Any]:
    """Every row of `read_items`, in flat memory.

    By short queries: no transaction lasts as long as a reader.
    """
    after = -1
    while rows := read_items(job, status=status, search=search, after=after, limit=CHUNK):
        yield from rows
        after = rows[-1].position


def item_objects(job: Job, *, status: str = "", search: str = "") -> Iterator[Item]:
    """Every such item as an `Item`."""
    running = current_items(job)
    return (item_object(job, row, running) for row in each_item(job, status=status, search=search))


def count_items(job: Job, *, status: str = "", search: str = "") -> int:
    """The number of such items: known from the job's few leases, unless there is a search."""
    if search:
        return select_items(job, status=status, search=search).count()
    progress = progress_of(job, job_totals([job.pk])[job.pk])
    names = {"": "total", "processing": "in_flight", WARNING: "warnings"}
    return getattr(progress, names.get(status, status))


def item_object(job: Job, item: Any, running: set[int]) -> Item:
    """A row of `read_items` as an `Item`; `running` is `current_items`."""
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
    """The statuses in the rows of items that are reported as pending or skipped."""
    ended = job.status in FINISHED
    if status == ItemStatus.PENDING:
        return [] if ended else [ItemStatus.PENDING]
    skipped = [ItemStatus.SKIPPED] if job.skipped else []
    # A single value, where it is enough, is read in order from the index.
    return ([ItemStatus.PENDING] if ended else []) + skipped
