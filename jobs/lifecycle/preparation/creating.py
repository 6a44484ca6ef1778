"""Creates the items of a job, from the library's files or from keys that the operation lists."""

from collections.abc import Callable, Iterator
from itertools import islice
from time import monotonic
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import transaction

from jobs import backends, operations
from jobs.exceptions import BadItems
from jobs.library.queries import select_files
from jobs.lifecycle.preparation.steps import BATCH, CHECK, Preparation, advance
from jobs.models import Job, JobItem


def add_files(job: Job, size: int) -> bool:
    """Create items for the next `size` library files of the selection, by path."""
    todo: Preparation = job.preparation
    files = select_files(search=todo["search"], status=todo["status"])
    ahead = files.filter(path__gt=todo["after"]).order_by("path")
    batch = ahead.values("id", "path", "size", "mtime_ns")[:size]
    try:
        sql, parameters = batch.query.sql_with_params()
    except EmptyResultSet:  # known without asking the database: nothing matches
        return advance(job, None)
    backend = backends.current()
    added = backend.insert_selected_items(job.pk, job.total_items, sql, parameters)
    after = todo["after"]
    if added:
        position = job.total_items + added - 1
        # Another worker may have created the same items meanwhile: `advance` rejects ours then.
        last_items = JobItem.objects.filter(job=job, position=position)
        after = last_items.order_by("-pk").values_list("key", flat=True)[0]
    following: Preparation | None = {**todo, "after": after}
    if added < size:
        following = CHECK if todo.get("skip_changed") else None
    return advance(job, following, total_items=job.total_items + added)


def make_listed_items(job: Job, should_stop: Callable[[], bool]) -> bool:
    """Create items for the operation's own keys. Their order is unknown, so it starts again."""
    while job.total_items:
        with transaction.atomic():
            first = max(0, job.total_items - BATCH)
            JobItem.objects.filter(job=job, position__gte=first).delete()
            advance(job, job.preparation, total_items=first)
    for batch in item_batches(operations.get(job.operation), job.parameters):
        if should_stop():
            return False
        with transaction.atomic():
            backend = backends.current()
            backend.insert_items(job.pk, job.total_items, batch, indexed=False)
            advance(job, job.preparation, total_items=job.total_items + len(batch))
    with transaction.atomic():
        return advance(job, None)


def item_batches(
    operation: operations.Operation, parameters: dict[str, Any], size: int = BATCH
) -> Iterator[list[str]]:
    """The keys that the operation lists, in lists of `size`.

    Raises BadItems if it yields something other than text, or fails.
    """
    try:
        keys = iter(operation.items(parameters))
        while batch := list(islice(keys, size)):
            yield [_checked(key) for key in batch]
    except Exception as error:
        raise BadItems(reason=operations.describe_failure(error)) from error


def list_items(
    operation: operations.Operation, parameters: dict[str, Any], limit: int, seconds: float
) -> list[str] | None:
    """All keys that the operation lists; None if there are too many, or it takes too long.

    Raises as `item_batches` does.
    """
    deadline = monotonic() + seconds
    keys: list[str] = []
    for batch in item_batches(operation, parameters, 1):
        keys += batch
        if len(keys) > limit or monotonic() > deadline:
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
