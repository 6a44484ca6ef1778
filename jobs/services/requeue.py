"""Resume and retry: each touches the job's row and its few leases, not its items.

So each costs the same for 10 items and for 1,000,000. A worker resets items where that is
needed, unless there are few (`lifecycle.preparation`).
"""

import uuid
from typing import Any, Literal

from django.db import transaction
from django.db.models import QuerySet

from jobs.backends import job_totals
from jobs.cluster.notifier import notify_workers
from jobs.conf import conf
from jobs.exceptions import (
    CannotResume,
    CannotRetry,
    JobNotFound,
    NoRepeatedError,
    NothingToResume,
    NothingToRetry,
    NotPrepared,
)
from jobs.lifecycle import preparation, transitions
from jobs.lifecycle.preparation import CHECK, Preparation, prepare_batch
from jobs.models import EventEntry, Job
from jobs.services.access import Actor, as_id
from jobs.services.limits import check_active_jobs
from jobs.states import FINISHED, TRANSITIONS, Transition

JobId = uuid.UUID | str


def resume_job(
    job_id: JobId,
    *,
    actor: Actor,
    jobs: QuerySet[Job] | None = None,
    skip_changed: bool = False,
    retry_failed: Literal["same_error"] | None = None,
) -> None:
    """Continue with the items that were not processed.

    `skip_changed`: skip files that have changed or disappeared since the job was created. They
    stay unprocessed, for a later resume. A worker checks the files, however few there are.

    `retry_failed="same_error"`: after a pause because of many equal errors, process the items
    that failed with this error again, in the same run.

    Raises JobNotFound, CannotResume, NothingToResume, NoRepeatedError, TooManyJobs.
    """
    with transaction.atomic():
        job = _locked(job_id, jobs)
        if job.status not in TRANSITIONS[Transition.RESUME].sources:
            raise CannotResume(status=job.get_status_display().lower())
        error = job.repeated_error if retry_failed else ""
        if retry_failed and not error and "error" not in job.preparation:
            raise NoRepeatedError
        # A paused job whose last items have finished meanwhile only has to be completed.
        if job.prepared and job.status in FINISHED and not error and not _unprocessed(job):
            raise NothingToResume
        again = preparation.retry_of_error(error, skip_changed=skip_changed) if error else None
        todo: Preparation | None
        todo = {"kind": "restore", "after": -1, "skip_changed": skip_changed}
        few = None if skip_changed else job.skipped
        if error:
            todo["error"] = error
            few = None if few is None else few + _failed(job)
        if not job.prepared:
            # There were too many items for an earlier request, so there are for this one.
            todo, few = _continue_preparation(job, todo), None
        elif job.status not in FINISHED:
            todo = again or (CHECK if skip_changed else None)  # skipped items stay skipped
        elif not skip_changed and not job.skipped:
            todo = again
        entry = actor.entry(_how(skip_changed=skip_changed, error=error))
        _requeue(job, Transition.RESUME, entry, todo, few=few)


def retry_job(
    job_id: JobId, *, actor: Actor, jobs: QuerySet[Job] | None = None, skip_changed: bool = False
) -> None:
    """Process the failed items again, and only those: unprocessed items of a finished job stay so.

    A paused job continues with its failed items and with those that wait.

    `skip_changed`: skip files that have changed or disappeared since the job was created. They
    stay failed. A worker checks the files, however few there are.

    Raises JobNotFound, CannotRetry, NotPrepared, NothingToRetry, TooManyJobs.
    """
    with transaction.atomic():
        job = _locked(job_id, jobs)
        if job.status not in TRANSITIONS[Transition.RETRY].sources:
            raise CannotRetry(status=job.get_status_display().lower())
        failed = _failed(job)
        todo: Preparation = {"kind": "retry", "step": "skip", "after": -1}
        todo["skip_changed"] = skip_changed
        few: int | None = failed + _unprocessed(job)
        begun = job.preparation
        if begun.get("kind") == "retry" and "error" not in begun:  # a retry was cut short
            todo = _continue_preparation(job, todo)
        elif not job.prepared:
            raise NotPrepared
        elif not failed:
            raise NothingToRetry
        elif job.status not in FINISHED:
            todo |= {"step": "reset", "check": skip_changed}
            few = failed
        entry = actor.entry(_how(skip_changed=skip_changed))
        _requeue(job, Transition.RETRY, entry, todo, few=None if skip_changed else few)


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


def _failed(job: Job) -> int:
    return job_totals([job.pk])[job.pk].failed - job.retried


def _how(*, skip_changed: bool, error: str = "") -> str:
    """The options of a resume or retry, as the message of its event."""
    parts = ["Without files that changed or disappeared"] if skip_changed else []
    if error:
        parts.append(f"With the files that failed with: {error}")
    return "; ".join(parts)


def _requeue(
    job: Job, name: Transition, entry: EventEntry, todo: Preparation | None, *, few: int | None
) -> None:
    """`todo`: what to prepare first. `few`: the number of items; None if unknown, maybe many."""
    if job.status in FINISHED:
        check_active_jobs(job.created_by_id)
    fields: dict[str, Any] = {"error": "", "notice": "", "seen": False, "finished_at": None}
    fields["repeated_error"] = ""
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
