"""Cancel, pause, resume, retry: each touches the job's row and its few leases, not its items.

So each costs the same for 10 items and for 1,000,000. Resetting items, where it is
needed, is left to a worker unless there are few (`preparation`).
"""

import uuid
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from jobs import conf
from jobs.enqueue import hint
from jobs.exceptions import (
    CannotPause,
    CannotResume,
    CannotRetry,
    JobNotActive,
    JobNotFound,
    NothingToResume,
    NothingToRetry,
    NotPrepared,
)
from jobs.models import Job, Lease
from jobs.preparation import CHECK, prepare_batch
from jobs.querysets import Entry
from jobs.services.access import Actor, as_id, get_job
from jobs.states import ACTIVE, ENDED, MOVES, Move

JobId = uuid.UUID | str


def cancel_job(job_id: JobId, *, actor: Actor, jobs: QuerySet[Job] | None = None) -> None:
    """End the job now: once this has returned, no worker starts another of its items.

    Raises JobNotActive for an unknown job and for one that has ended, which a second
    cancel finds too. `jobs` limits what the actor may touch, here and below.
    """
    try:
        job = get_job(job_id, jobs=jobs)
    except JobNotFound:
        raise JobNotActive from None
    fields = {"cancelled_by_id": actor.user_id, "seen": False, "notice": ""}
    if not Job.objects.change(job.pk, Move.CANCEL, actor.entry(), **fields):
        raise JobNotActive


def pause_job(job_id: JobId, *, actor: Actor, jobs: QuerySet[Job] | None = None) -> None:
    """Hold the job: the same fence as cancel, but the job is not over.

    Raises JobNotFound, CannotPause.
    """
    job = get_job(job_id, jobs=jobs)
    name = actor.entry().actor_name
    notice = f"Paused by {name}" if name else "Paused"
    if not Job.objects.change(job.pk, Move.PAUSE, actor.entry(), notice=notice):
        raise CannotPause(status=_status(job))


def resume_job(
    job_id: JobId,
    *,
    actor: Actor,
    jobs: QuerySet[Job] | None = None,
    unchanged_only: bool = False,
) -> None:
    """Go on with what was not processed.

    `unchanged_only`: but for files that have changed or vanished since the job was made. They
    stay not processed, for a later resume. A worker looks at them, however few there are.

    Raises JobNotFound, CannotResume, NothingToResume.
    """
    with transaction.atomic():
        job = _locked(job_id, jobs)
        if job.status not in MOVES[Move.RESUME].sources:
            raise CannotResume(status=job.get_status_display().lower())
        # A paused job whose last items have ended meanwhile only has to be completed.
        if job.prepared and job.status in ENDED and not _unprocessed(job):
            raise NothingToResume
        todo: dict[str, Any] | None
        todo = {"kind": "restore", "after": -1, "unchanged_only": unchanged_only}
        few = None if unchanged_only else job.left_out
        if not job.prepared:
            # Whatever an earlier call had too much of for its request is too much for this one.
            todo, few = _carry_on(job, todo), None
        elif job.status not in ENDED:
            todo = CHECK if unchanged_only else None  # what it leaves out it goes on leaving out
        elif not unchanged_only and not job.left_out:
            todo = None
        _go_on(job, Move.RESUME, _entry(actor, unchanged_only), todo, few=few)


def retry_job(
    job_id: JobId,
    *,
    actor: Actor,
    jobs: QuerySet[Job] | None = None,
    unchanged_only: bool = False,
) -> None:
    """Do again what failed, and only that: what was not processed stays so.

    `unchanged_only`: but for files that have changed or vanished since the job was made. They
    stay failed. A worker looks at them, however few there are.

    Raises JobNotFound, CannotRetry, NotPrepared, NothingToRetry.
    """
    with transaction.atomic():
        job = _locked(job_id, jobs)
        if job.status not in MOVES[Move.RETRY].sources:
            raise CannotRetry(status=job.get_status_display().lower())
        tally = Lease.objects.tally([job.pk]).get(job.pk)
        failed = tally["failed"] - job.retried if tally else 0
        todo = {"kind": "retry", "step": "leave_out", "after": -1, "unchanged_only": unchanged_only}
        if job.preparation.get("kind") == "retry":  # an earlier retry was cut short
            todo = _carry_on(job, todo)
        elif not job.prepared:
            raise NotPrepared
        elif not failed:
            raise NothingToRetry
        few = None if unchanged_only else failed + _unprocessed(job)
        _go_on(job, Move.RETRY, _entry(actor, unchanged_only), todo, few=few)


def cancel_all(*, actor: Actor, jobs: QuerySet[Job] | None = None) -> int:
    """Cancel every active job among `jobs` (all by default); how many this call ended."""
    jobs = Job.objects.all() if jobs is None else jobs
    cancelled = 0
    for job_id in list(jobs.filter(status__in=ACTIVE).values_list("pk", flat=True)):
        try:
            cancel_job(job_id, actor=actor)
        except JobNotActive:
            continue  # it ended by itself meanwhile
        cancelled += 1
    return cancelled


def _locked(job_id: JobId, jobs: QuerySet[Job] | None) -> Job:
    """The job, locked so that two people's calls come one after the other."""
    allowed = Job.objects.all() if jobs is None else jobs
    job = Job.objects.select_for_update().filter(pk=as_id(job_id)).first()
    if job is None or not allowed.filter(pk=job.pk).exists():
        raise JobNotFound
    return job


def _unprocessed(job: Job) -> int:
    tally = Lease.objects.tally([job.pk]).get(job.pk)
    processed = tally["succeeded"] + tally["failed"] - job.retried if tally else 0
    return job.total_items - processed


def _carry_on(job: Job, todo: dict[str, Any]) -> dict[str, Any]:
    """The preparation that was cut short, as far as it is; for which files, `todo` says."""
    begun, wanted = job.preparation, todo["unchanged_only"]
    had = begun.get("unchanged_only", False)
    if job.status not in ENDED and not wanted:
        return begun  # it was paused, and nothing about it was changed
    if begun["kind"] == "check":
        return begun if wanted else todo
    if had and not wanted and begun["kind"] in ("restore", "retry"):
        begun = {**begun, "after": -1}  # some were passed over
    if wanted and not had and begun["kind"] == "retry":
        begun = {**begun, "check": True}  # some became pending unseen
    return {**begun, "unchanged_only": wanted}


def _entry(actor: Actor, unchanged_only: bool) -> Entry:
    return actor.entry("Without files that changed or vanished" if unchanged_only else "")


def _go_on(
    job: Job, move: Move, entry: Entry, todo: dict[str, Any] | None, *, few: int | None
) -> None:
    """`todo`: to be prepared first. `few`: so many items; None: nobody knows, perhaps many."""
    fields: dict[str, Any] = {"error": "", "notice": "", "seen": False, "finished_at": None}
    fields["rests_since"] = job.rests_since or job.finished_at  # until a worker begins
    if todo is not None:
        fields |= {"prepared": False, "preparation": todo}
    Job.objects.change(job.pk, move, entry, cancelled_by=None, **fields)
    job.refresh_from_db()
    size = conf.get("PREPARE_ITEMS")
    if not job.prepared and few is not None and few <= size:
        while not prepare_batch(job, size):
            continue
    hint(conf.workers())


def _status(job: Job) -> str:
    job.refresh_from_db(fields=["status"])
    return job.get_status_display().lower()
