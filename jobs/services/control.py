"""Cancel and pause: each touches the job's row and its few leases, not its items.

So each costs the same for 10 items and for 1,000,000. Then the call waits for the job's workers:
within a transaction of the caller right after its commit, and once for several jobs.
"""

import uuid
from typing import Any

from django.db.models import QuerySet

from jobs.exceptions import CannotPause, JobNotActive, JobNotFound
from jobs.lifecycle import stops, transitions
from jobs.models import Job
from jobs.services.access import Actor, get_job
from jobs.states import ACTIVE, Transition

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
    stops.wait_for_workers(job.pk)


def pause_job(job_id: JobId, *, actor: Actor, jobs: QuerySet[Job] | None = None) -> None:
    """Pause the job: the same fence as cancel, but the job is not finished.

    Raises JobNotFound, CannotPause.
    """
    job = get_job(job_id, jobs=jobs)
    name = actor.entry().actor_name
    notice = f"Paused by {name}" if name else "Paused"
    if not transitions.transition(job.pk, Transition.PAUSE, actor.entry(), notice=notice):
        raise CannotPause(status=_status(job))
    stops.wait_for_workers(job.pk)


def cancel_all(*, actor: Actor, jobs: QuerySet[Job] | None = None) -> int:
    """Cancel every active job among `jobs` (all by default); how many this call cancelled."""
    jobs = Job.objects.all() if jobs is None else jobs
    cancelled = 0
    with stops.one_wait():
        for job_id in list(jobs.filter(status__in=ACTIVE).values_list("pk", flat=True)):
            try:
                cancel_job(job_id, actor=actor)
            except JobNotActive:
                continue  # it finished meanwhile
            cancelled += 1
    return cancelled


def _status(job: Job) -> str:
    job.refresh_from_db(fields=["status"])
    return job.get_status_display().lower()
