"""Makes the items of a job, and sets items back for a resume or retry, in batches.

Each batch is a transaction that also checks that the job may still go on, so a job can be
cancelled while it is prepared, and a worker that dies leaves a job that another worker
carries on with. `Job.preparation` says what is to be done and how far it is:

    {"kind": "library", "search": str, "status": str, "after": path}   select library files
    {"kind": "own"}                                 the keys that the operation itself yields
    {"kind": "retry", "step": ..., "after": position}        failed items become pending again
    {"kind": "restore", "after": position}                   skipped items become pending again
    {"kind": "delete"}                                 the items are going: not to be carried on
"""

import json
import uuid
from collections.abc import Callable, Iterator
from itertools import islice
from time import monotonic
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import F

from jobs import operations
from jobs.exceptions import BadItems
from jobs.library.queries import select_files
from jobs.models import Job, JobItem
from jobs.states import RUNNABLE, ItemStatus

DELETE = "delete"
BATCH = 5_000
"""Items of one transaction: some tens of milliseconds, which a cancel may have to wait."""


class NotAllowed(Exception):
    """The job was cancelled, paused or taken over meanwhile; the batch was not written."""


def prepare(job: Job, *, should_stop: Callable[[], bool] = lambda: False) -> bool:
    """Prepare the job batch by batch; True when it is prepared.

    `job` is brought up to date. False if it was cancelled or paused, or `should_stop`
    said so; calling it again carries on.
    """
    try:
        if job.preparation.get("kind") == "own":
            return _prepare_own(job, should_stop)
        while not should_stop():
            if prepare_batch(job):
                return True
    except NotAllowed:
        pass
    return False


def prepare_batch(job: Job, size: int = BATCH) -> bool:
    """One transaction of the preparation of any kind but `own`; True when it was the last."""
    steps = {"library": _add_files, "retry": _retry, "restore": _restore}
    with transaction.atomic():
        return steps[job.preparation["kind"]](job, size)


def add_keys(job_id: uuid.UUID, first_position: int, keys: list[str], *, indexed: bool) -> None:
    """Insert items for these keys, in order. `indexed`: they are paths of library files."""
    columns = "job_id, position, key, file_id, status, message, attempts"
    if connection.vendor == "postgresql":
        source = "unnest(%s::text[]) WITH ORDINALITY AS given(key, place)"
        values, offset = keys, first_position - 1
    else:
        source = "(SELECT value AS key, key AS place FROM json_each(%s)) AS given"
        values, offset = json.dumps(keys), first_position  # type: ignore[assignment]
    file_id = "file.id" if indexed else "NULL"
    join = "JOIN jobs_libraryfile AS file ON file.path = given.key" if indexed else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO jobs_jobitem ({columns}) "  # noqa: S608 (constants)
            f"SELECT %s, %s + given.place, given.key, {file_id}, 'pending', '', 0 "
            f"FROM {source} {join} ORDER BY given.place",
            [_id(job_id), offset, values],
        )


def _add_files(job: Job, size: int) -> bool:
    """The next `size` library files of the selection, by path."""
    todo = job.preparation
    files = select_files(search=todo["search"], status=todo["status"])
    batch = files.filter(path__gt=todo["after"]).order_by("path").values("id", "path")[:size]
    try:
        sql, parameters = batch.query.sql_with_params()
    except EmptyResultSet:  # known without asking the database: nothing matches
        _advance(job, todo, done=True)
        return True
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO jobs_jobitem (job_id, position, key, file_id, status, message, attempts)"  # noqa: S608
            " SELECT %s, %s + row_number() OVER (ORDER BY path) - 1, path, id, 'pending', '', 0"
            f" FROM ({sql}) AS chosen ORDER BY path",
            [_id(job.pk), job.total_items, *parameters],
        )
        added = cursor.rowcount
    last = added < size
    after = todo["after"]
    if added:
        position = job.total_items + added - 1
        # Another worker may have made the same items meanwhile: `_advance` refuses ours then.
        last_items = JobItem.objects.filter(job=job, position=position)
        after = last_items.order_by("-pk").values_list("key", flat=True)[0]
    _advance(job, {**todo, "after": after}, done=last, total_items=job.total_items + added)
    return last


def _prepare_own(job: Job, should_stop: Callable[[], bool]) -> bool:
    """The operation's own keys. They have no order to carry on by, so it starts afresh."""
    while job.total_items:
        with transaction.atomic():
            first = max(0, job.total_items - BATCH)
            JobItem.objects.filter(job=job, position__gte=first).delete()
            _advance(job, job.preparation, done=False, total_items=first)
    for batch in own_batches(operations.get(job.operation), job.parameters):
        if should_stop():
            return False
        with transaction.atomic():
            add_keys(job.pk, job.total_items, batch, indexed=False)
            _advance(job, job.preparation, done=False, total_items=job.total_items + len(batch))
    with transaction.atomic():
        _advance(job, job.preparation, done=True)
    return True


def _retry(job: Job, size: int) -> bool:
    """Leave out what is pending, then make pending what has failed, `size` items at a time."""
    todo = job.preparation
    if todo["step"] == "leave_out":
        moved, after, last = _move(job, ItemStatus.PENDING, ItemStatus.SKIPPED, todo, size)
        step = {"step": "reset", "after": -1} if last else {"after": after}
        _advance(job, {**todo, **step}, done=False, left_out=F("left_out") + moved)
        return False
    moved, after, last = _move(job, ItemStatus.FAILED, ItemStatus.PENDING, todo, size)
    _advance(job, {**todo, "after": after}, done=last, retried=F("retried") + moved)
    return last


def _restore(job: Job, size: int) -> bool:
    todo = job.preparation
    moved, after, last = _move(job, ItemStatus.SKIPPED, ItemStatus.PENDING, todo, size)
    _advance(job, {**todo, "after": after}, done=last, left_out=F("left_out") - moved)
    return last


def _move(
    job: Job, old: ItemStatus, new: ItemStatus, todo: dict[str, Any], size: int
) -> tuple[int, int, bool]:
    """Give the next `size` items of one status another one: how many, up to where, the last?"""
    # An item that a worker still holds is left to that worker.
    items = JobItem.objects.filter(
        job=job, status=old, position__gt=todo["after"], claim__isnull=True
    )
    positions = list(items.order_by("position").values_list("position", flat=True)[:size])
    if not positions:
        return 0, todo["after"], True
    moved = items.filter(position__lte=positions[-1]).update(
        status=new,
        message="",
        result=None,
        attempts=0,
        started_at=None,
        finished_at=None,
        lane=None,
        sequence=None,
    )
    return moved, positions[-1], len(positions) < size


def _advance(job: Job, preparation: dict[str, Any], *, done: bool, **fields: Any) -> None:
    """Write how far it is, if the job may go on and nobody else has carried on with it.

    Somebody may have: a worker that was held up for long, or whose job was cancelled and
    resumed meanwhile, comes back with what it knew. A retry's steps are no longer true then.
    """
    fields |= {"preparation": {} if done else preparation, "prepared": done}
    won = Job.objects.filter(
        pk=job.pk,
        status__in=RUNNABLE,
        prepared=False,
        total_items=job.total_items,
        preparation=job.preparation,
    ).update(**fields)
    if not won:
        raise NotAllowed
    job.refresh_from_db(fields=list(fields))


def own_batches(
    operation: operations.Operation, parameters: dict[str, Any], size: int = BATCH
) -> Iterator[list[str]]:
    """The keys that the operation yields, in lists of `size`.

    Raises BadItems if it yields something else than text, or breaks.
    """
    try:
        keys = iter(operation.items(parameters))
        while batch := list(islice(keys, size)):
            yield [_checked(key) for key in batch]
    except Exception as error:
        raise BadItems(reason=operations.describe_failure(error)) from error


def first_keys(
    operation: operations.Operation, parameters: dict[str, Any], limit: int, seconds: float
) -> list[str] | None:
    """All keys that the operation yields; None if that is too many, or takes too long.

    Raises as `own_batches` does.
    """
    late_at = monotonic() + seconds
    keys: list[str] = []
    for batch in own_batches(operation, parameters, 1):
        keys += batch
        if len(keys) > limit or monotonic() > late_at:
            return None
    return keys


def _checked(key: object) -> str:
    """The key, if any database can store it as text."""
    if not isinstance(key, str):
        raise TypeError(f"an item is {key!r:.80}, and not a text")
    if "\0" in key:
        raise ValueError(f"an item has a NUL character in it: {key!r:.80}")
    key.encode()  # a lone surrogate raises UnicodeEncodeError
    return key


def _id(job_id: uuid.UUID) -> Any:
    return job_id if connection.features.has_native_uuid_field else job_id.hex
