"""Creates the items of a job, and resets items for a resume or retry, in batches.

Each batch is a transaction that also checks that the job may continue. So a job can be cancelled
while it is prepared, and another worker continues the preparation of a worker that dies.
`Job.preparation` holds the next step:

    {"kind": "library", "search": str, "status": str, "kinds": [kind], "after": path}   select files
    {"kind": "own", "digest": of keys so far}            the keys that the operation lists
    {"kind": "retry", "step": ..., "after": position}    failed items become pending again
    {"kind": "restore", "after": position}               skipped items become pending again
    {"kind": "check", "after": position}                 skip pending items whose files changed

With "skip_changed": true, items whose files have changed or disappeared since the job was
created do not become pending, and a check follows. With "error": text, only the items that have
failed with this error become pending: by the step "reset" of a retry, or by one after a restore.
"""

from collections.abc import Callable

from django.db import transaction

from jobs import backends
from jobs.lifecycle.preparation.creating import add_files, make_listed_items
from jobs.lifecycle.preparation.listing import item_batches, list_items
from jobs.lifecycle.preparation.resetting import reset_items, retry_of_error
from jobs.lifecycle.preparation.steps import BATCH, CHECK, Preparation, PreparationLost
from jobs.models import Job

__all__ = [
    "BATCH",
    "CHECK",
    "Preparation",
    "PreparationLost",
    "item_batches",
    "list_items",
    "prepare",
    "prepare_batch",
    "retry_of_error",
]


def prepare(
    job: Job,
    *,
    should_stop: Callable[[], bool] = lambda: False,
    should_stop_listing: Callable[[], bool] = lambda: False,
) -> bool:
    """Prepare the job batch by batch; True when it is prepared.

    `job` is updated. False if it was cancelled or paused, or if `should_stop` returned True between
    two batches: another call continues. Each call writes at least one batch, so that calls which
    must stop early still come to an end. `should_stop_listing` is asked between two keys of an
    operation's own list: another call begins the list again.
    """
    try:
        if job.preparation.get("kind") == "own":
            done = make_listed_items(job, should_stop, should_stop_listing)
        else:
            done = _prepare(job, should_stop)
    except PreparationLost:
        return False
    if done:
        backends.current().after_bulk_insert()
    return done


def _prepare(job: Job, should_stop: Callable[[], bool]) -> bool:
    while not prepare_batch(job):
        if should_stop():
            return False
    return True


def prepare_batch(job: Job, size: int = BATCH) -> bool:
    """One transaction of a preparation of any kind except `own`; True after the last one.

    Raises PreparationLost, and LibraryUnreadable where files are compared with the disk.
    """
    if job.preparation["kind"] != "library":
        return reset_items(job, size)
    with transaction.atomic():
        return add_files(job, size)
