"""Makes the items of a job, and sets items back for a resume or retry, in batches.

Each batch is a transaction that also checks that the job may still go on, so a job can be
cancelled while it is prepared, and a worker that dies leaves a job that another worker
carries on with. `Job.preparation` says what is to be done and how far it is:

    {"kind": "library", "search": str, "status": str, "after": path}   select library files
    {"kind": "own"}                                 the keys that the operation itself yields
    {"kind": "retry", "step": ..., "after": position}        failed items become pending again
    {"kind": "restore", "after": position}                   skipped items become pending again
    {"kind": "check", "after": position}         leave out pending items whose files are others now

With "unchanged_only": true, items whose files have changed or vanished since the job was made
do not become pending, and a check follows.
"""

from collections.abc import Callable

from django.db import connection, transaction

from jobs.models import Job
from jobs.preparation.making import add_files, add_keys, first_keys, make_own_items, own_batches
from jobs.preparation.resetting import reset_items
from jobs.preparation.steps import BATCH, CHECK, NotAllowed

__all__ = [
    "BATCH",
    "CHECK",
    "NotAllowed",
    "add_keys",
    "first_keys",
    "own_batches",
    "prepare",
    "prepare_batch",
]


def prepare(job: Job, *, should_stop: Callable[[], bool] = lambda: False) -> bool:
    """Prepare the job batch by batch; True when it is prepared.

    `job` is brought up to date. False if it was cancelled or paused, or `should_stop`
    said so; calling it again carries on.
    """
    try:
        done = _prepare(job, should_stop)
    except NotAllowed:
        return False
    if done:
        _renew_statistics()
    return done


def _prepare(job: Job, should_stop: Callable[[], bool]) -> bool:
    if job.preparation.get("kind") == "own":
        return make_own_items(job, should_stop)
    while not should_stop():
        if prepare_batch(job):
            return True
    return False


def _renew_statistics() -> None:
    """Let PostgreSQL's planner know of very many new items before its own round comes.

    Without any statistics it sorts all pending items of the job for each claim.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE (SKIP_LOCKED) jobs_jobitem")


def prepare_batch(job: Job, size: int = BATCH) -> bool:
    """One transaction of the preparation of any kind but `own`; True when it was the last.

    Raises NotAllowed, and LibraryUnreadable where the files are compared with the disk.
    """
    if job.preparation["kind"] != "library":
        return reset_items(job, size)
    with transaction.atomic():
        return add_files(job, size)
