"""Creates the items of a job, from the library's files or from keys that the operation lists."""

import hashlib
import logging
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from itertools import islice

from django.core.exceptions import EmptyResultSet
from django.db import transaction

from jobs import backends, operations
from jobs.library.queries import select_files
from jobs.lifecycle import transitions
from jobs.lifecycle.preparation.key_file import KeyFile, KeyFileError
from jobs.lifecycle.preparation.listing import listed_keys, watched
from jobs.lifecycle.preparation.steps import BATCH, CHECK, Preparation, PreparationLost, advance
from jobs.models import EventEntry, Job, JobItem
from jobs.states import Transition

logger = logging.getLogger(__name__)


def add_files(job: Job, size: int) -> bool:
    """Create items for the next `size` library files of the selection, by path."""
    todo: Preparation = job.preparation
    files = select_files(
        search=todo["search"],
        status=todo["status"],
        operation=job.operation,
        kinds=todo.get("kinds", ()),
        after=todo["after"],
    )
    batch = files.values("id", "path", "size", "mtime_ns")[:size]
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


def make_listed_items(
    job: Job, should_stop: Callable[[], bool], should_stop_listing: Callable[[], bool]
) -> bool:
    """Create items for the operation's own keys, from where an earlier worker stopped.

    `Job.preparation` has a digest of the keys whose items exist. If the operation lists other
    keys this time, all items are created again. If the file of keys cannot be written or read, the
    job is paused.
    """
    file = KeyFile(job.pk)
    try:
        if not file.exists and not _list_keys(job, file, should_stop_listing):
            return False
        done = _create_listed(job, file, should_stop)
    except PreparationLost:
        file.remove()
        raise
    except KeyFileError as error:
        logger.exception("the keys of the job cannot be stored", extra={"job": job.pk})
        file.remove()
        _hold(job, error)
        return False
    if done:
        file.remove()
    return done


def _hold(job: Job, error: KeyFileError) -> None:
    notice = (
        f"The worker cannot store the list of this job's items: {error.reason}. "
        "Free space in DATA_DIR, or make it writable for the workers, then resume the job."
    )
    entry = EventEntry("engine", message=notice)
    transitions.transition(job.pk, Transition.PAUSE, entry, notice=notice)


def _list_keys(job: Job, file: KeyFile, should_stop: Callable[[], bool]) -> bool:
    """Write all keys that the operation lists to the file; False if the worker must stop."""
    operation = operations.get(job.operation)
    count = _Count()
    with closing(listed_keys(operation, job.parameters)) as keys, watched(operation, count):
        try:
            file.write(_until(should_stop, count, keys))
        except _Stopped:
            return False
        finally:
            backends.current().end_reads()
    return True


class _Stopped(Exception):
    """The worker must stop before all keys are listed."""


class _Count:
    """How many keys were read; its length."""

    def __init__(self) -> None:
        self.keys = 0

    def __len__(self) -> int:
        return self.keys


def _until(should_stop: Callable[[], bool], count: _Count, keys: Iterator[str]) -> Iterator[str]:
    for key in keys:
        if should_stop():
            raise _Stopped
        count.keys += 1
        yield key


def _create_listed(job: Job, file: KeyFile, should_stop: Callable[[], bool]) -> bool:
    keys = file.read()
    digest = _digest(islice(keys, job.total_items))
    if job.total_items and job.preparation.get("digest") != digest.hexdigest():
        _remove_items(job)
        keys, digest = file.read(), _digest(())
    progressed = False
    while batch := list(islice(keys, BATCH)):
        if progressed and should_stop():
            return False
        progressed = True
        digest.update(_joined(batch))
        following: Preparation = {"kind": "own", "digest": digest.hexdigest()}
        with transaction.atomic():
            backends.current().insert_items(job.pk, job.total_items, batch, indexed=False)
            advance(job, following, total_items=job.total_items + len(batch))
    with transaction.atomic():
        return advance(job, None)


def _remove_items(job: Job) -> None:
    while job.total_items:
        with transaction.atomic():
            first = max(0, job.total_items - BATCH)
            JobItem.objects.filter(job=job, position__gte=first).delete()
            advance(job, {"kind": "own"}, total_items=first)


def _digest(keys: Iterable[str]) -> "hashlib._Hash":
    digest = hashlib.sha256()
    for key in keys:
        digest.update(_joined([key]))
    return digest


def _joined(keys: list[str]) -> bytes:
    return "".join(f"{key}\0" for key in keys).encode()
