"""Cancel, pause, resume, retry: each touches the job's row and its few leases, not its items.

So each costs the same for 10 items and for 1,000,000. A worker resets items where that is
needed, unless there are few (`lifecycle.preparation`).
"""

import uuid
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from jobs.backends import job_totals
from jobs.cluster.notifier import notify_workers
from jobs.conf import conf
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
from jobs.lifecycle import transitions
from jobs.lifecycle.preparation import CHECK, Preparation, prepare_batch
from jobs.models import EventEntry, Job
from jobs.services.access import Actor, as_id, get_job
from jobs.services.limits import check_active_jobs
from jobs.states import ACTIVE, FINISHED, TRANSITIONS, Transition

JobId = uuid.UUID | str


def cancel_job(job_id: JobId, *, actor: Actor, jobs: QuerySet[Job] | None = None) -> None:
    """Cancel the job: once this has returned, no worker starts another of its items.

    Raises JobNotActive for an unknown and for a finished job, also for a second cancel. `jobs`
    limits what the actor may control, here and below.
    """
    try:
        job = get_job(job_id, jobs=jobs)
    except JobNotFound:
        raise JobNotActive from None
    fields: dict[str, Any] = {"cancelled_by_id": actor.user_id, "seen": False, "notice": ""}
    if not transitions.transition(job.pk, Transition.CANCEL, actor.entry(), **fields):
        raise JobNotActive


def pause_job(job_id: JobId, *, actor: Actor, jobs: QuerySet[Job] | None = None) -> None:
    """Pause the job: the same fence as cancel, but the job is not finished.

    Raises JobNotFound, CannotPause.
    """
    job = get_job(job_id, jobs=jobs)
    name = actor.entry().actor_name
    notice = f"Paused by {name}" if name else "Paused"
    if not transitions.transition(job.pk, Transition.PAUSE, actor.entry(), notice=notice):
        raise CannotPause(status=_status(job))


def resume_job(
    job_id: JobId, *, actor: Actor, jobs: QuerySet[Job] | None = None, skip_changed: bool = False
) -> None:
    """Continue with the items that were not processed.

    `skip_changed`: skip files that have changed or disappeared since the job was created. They
    stay unprocessed, for a later resume. A worker checks the files, however few there are.

    Raises JobNotFound, CannotResume, NothingToResume, TooManyJobs.
    """
    with transaction.atomic():
        job = _locked(job_id, jobs)
        if job.status not in TRANSITIONS[Transition.RESUME].sources:
            raise CannotResume(status=job.get_status_display().lower())
        # A paused job whose last items have finished meanwhile only has to be completed.
        if job.prepared and job.status in FINISHED and not _unprocessed(job):
            raise NothingToResume
        todo: Preparation | None
        todo = {"kind": "restore", "after": -1, "skip_changed": skip_changed}
        few = None if skip_changed else job.skipped
        if not job.prepared:
            # There were too many items for an earlier request, so there are for this one.
            todo, few = _continue_preparation(job, todo), None
        elif job.status not in FINISHED:
            todo = CHECK if skip_changed else None  # skipped items stay skipped
        elif not skip_changed and not job.skipped:
            todo = None
        _requeue(job, Transition.RESUME, _entry(actor, skip_changed), todo, few=few)


def retry_job(
    job_id: JobId, *, actor: Actor, jobs: QuerySet[Job] | None = None, skip_changed: bool = False
) -> None:
    """Process the failed items again, and only those: unprocessed items stay so.

    `skip_changed`: skip files that have changed or disappeared since the job was created. They
    stay failed. A worker checks the files, however few there are.

    Raises JobNotFound, CannotRetry, NotPrepared, NothingToRetry, TooManyJobs.
    """
    with transaction.atomic():
        job = _locked(job_id, jobs)
        if job.status not in TRANSITIONS[Transition.RETRY].sources:
            raise CannotRetry(status=job.get_status_display().lower())
        failed = job_totals([job.pk])[job.pk].failed - job.retried
        todo: Preparation = {
            "kind": "retry",
            "step": "skip",
            "after": -1,
            "skip_changed": skip_changed,
        }
        if job.preparation.get("kind") == "retry":  # an earlier retry was cut short
            todo = _continue_preparation(job, todo)
        elif not job.prepared:
            raise NotPrepared
        elif not failed:
            raise NothingToRetry
        few = None if skip_changed else failed + _unprocessed(job)
        _requeue(job, Transition.RETRY, _entry(actor, skip_changed), todo, few=few)


def cancel_all(*, actor: Actor, jobs: QuerySet[Job] | None = None) -> int:
    """Cancel every active job among `jobs` (all by default); how many this call cancelled."""
    jobs = Job.objects.all() if jobs is None else jobs
    cancelled = 0
    for job_id in list(jobs.filter(status__in=ACTIVE).values_list("pk", flat=True)):
        try:
            cancel_job(job_id, actor=actor)
        except JobNotActive:
            continue  # it finished meanwhile
        cancelled += 1
    return cancelled


def _locked(job_id: JobId, jobs: QuerySet[Job] | None) -> Job:
    """The job, locked so that the calls of two people come one after the other."""
    allowed = Job.objects.all() if jobs is None else jobs
    job = Job.objects.select_for_update().filter(pk=as_id(job_id)).first()
    if job is None or not allowed.filter(pk=job.pk).exists():
        raise JobNotFound
    return job


def _unprocessed(job: Job) -> int:
    totals = job_totals([job.pk])[job.pk]
    return job.total_items - totals.succeeded - totals.failed + job.retried


def _continue_preparation(job: Job, todo: Preparation) -> Preparation:
    """The interrupted preparation, where it stopped; `todo` says for which files."""
    begun: Preparation = job.preparation
    wanted = todo["skip_changed"]
    had = begun.get("skip_changed", False)
    if job.status not in FINISHED and not wanted:
        return begun  # the job was paused, and the choice of files is the same
    if begun["kind"] == "check":
        return begun if wanted else todo
    if had and not wanted and begun["kind"] in ("restore", "retry"):
        begun = {**begun, "after": -1}  # some were skipped
    if wanted and not had and begun["kind"] == "retry":
        begun = {**begun, "check": True}  # some became pending without a check
    return {**begun, "skip_changed": wanted}


def _entry(actor: Actor, skip_changed: bool) -> EventEntry:
    return actor.entry("Without files that changed or disappeared" if skip_changed else "")


def _requeue(
    job: Job, name: Transition, entry: EventEntry, todo: Preparation | None, *, few: int | None
) -> None:
    """`todo`: what to prepare first. `few`: the number of items; None if unknown, maybe many."""
    if job.status in FINISHED:
        check_active_jobs(job.created_by_id)
    fields: dict[str, Any] = {"error": "", "notice": "", "seen": False, "finished_at": None}
    fields["inactive_since"] = job.inactive_since or job.finished_at  # until a worker begins
    if todo is not None:
        fields |= {"prepared": False, "preparation": todo}
    transitions.transition(job.pk, name, entry, cancelled_by=None, **fields)
    job.refresh_from_db()
    size = conf.INLINE_ITEMS
    if not job.prepared and few is not None and few <= size:
        while not prepare_batch(job, size):
            continue
    notify_workers(conf.workers)


def _status(job: Job) -> str:
    job.refresh_from_db(fields=["status"])
    return job.get_status_display().lower()
