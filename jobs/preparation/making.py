"""Makes the items of a job: of the library's files, or of keys that the operation yields."""

import json
import uuid
from collections.abc import Callable, Iterator
from itertools import islice
from time import monotonic
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction

from jobs import operations
from jobs.exceptions import BadItems
from jobs.library.queries import select_files
from jobs.models import Job, JobItem
from jobs.preparation.steps import BATCH, CHECK, advance
from jobs.prepared import adapted


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
            [adapted(job_id), offset, values],
        )


def add_files(job: Job, size: int) -> bool:
    """The next `size` library files of the selection, by path."""
    todo = job.preparation
    files = select_files(search=todo["search"], status=todo["status"])
    batch = files.filter(path__gt=todo["after"]).order_by("path").values("id", "path")[:size]
    try:
        sql, parameters = batch.query.sql_with_params()
    except EmptyResultSet:  # known without asking the database: nothing matches
        return advance(job, None)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO jobs_jobitem (job_id, position, key, file_id, status, message, attempts)"  # noqa: S608
            " SELECT %s, %s + row_number() OVER (ORDER BY path) - 1, path, id, 'pending', '', 0"
            f" FROM ({sql}) AS chosen ORDER BY path",
            [adapted(job.pk), job.total_items, *parameters],
        )
        added = cursor.rowcount
    after = todo["after"]
    if added:
        position = job.total_items + added - 1
        # Another worker may have made the same items meanwhile: `advance` refuses ours then.
        last_items = JobItem.objects.filter(job=job, position=position)
        after = last_items.order_by("-pk").values_list("key", flat=True)[0]
    following: dict[str, Any] | None = {**todo, "after": after}
    if added < size:
        following = CHECK if todo.get("unchanged_only") else None
    return advance(job, following, total_items=job.total_items + added)


def make_own_items(job: Job, should_stop: Callable[[], bool]) -> bool:
    """The operation's own keys. They have no order to carry on by, so it starts afresh."""
    while job.total_items:
        with transaction.atomic():
            first = max(0, job.total_items - BATCH)
            JobItem.objects.filter(job=job, position__gte=first).delete()
            advance(job, job.preparation, total_items=first)
    for batch in own_batches(operations.get(job.operation), job.parameters):
        if should_stop():
            return False
        with transaction.atomic():
            add_keys(job.pk, job.total_items, batch, indexed=False)
            advance(job, job.preparation, total_items=job.total_items + len(batch))
    with transaction.atomic():
        return advance(job, None)


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
