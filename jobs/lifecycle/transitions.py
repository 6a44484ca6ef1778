"""The only writer of a job's status.

Each change is one conditional UPDATE, or a short transaction around one, and says whether it
won. Locks are taken in one order everywhere: job, lease, items, library files.
"""

import logging
import uuid
from datetime import datetime
from time import monotonic, sleep
from typing import Any

from django.db import models, transaction
from django.db.models import Case, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from jobs import backends
from jobs.conf import conf
from jobs.lifecycle.settling import settle
from jobs.models import EventEntry, Job, JobEvent, Lease
from jobs.signals import job_cancelled, job_finished, send_on_commit
from jobs.states import FINISHED, RUNNABLE, TRANSITIONS, UNFINISHED, JobStatus, Transition

logger = logging.getLogger(__name__)


def apply(job_id: uuid.UUID, transition: Transition, **fields: Any) -> bool:
    """One conditional UPDATE by the table in `states`; True if this call changed the status.

    Do not call it outside a transaction that also fences, if the transition forbids starts.
    """
    rule = TRANSITIONS[transition]
    jobs = Job.objects.filter(pk=job_id, status__in=rule.sources)
    return bool(jobs.update(status=rule.target, **fields))


def transition(
    job_id: uuid.UUID, name: Transition, entry: EventEntry, *, wait: bool = True, **fields: Any
) -> bool:
    """Change the status, fence the leases and record the event, in one transaction.

    Returns True if this call changed the status. For a target that is not runnable it fences
    the leases: a start is one atomic step that demands that the lease is not fenced. A worker
    that starts items through its gate learns of the fence a moment later; `stops` waits for it.
    A lease acquired later needs the job's row, which is locked until the commit, and then sees
    the new status.

    `wait`: wait for a worker that was stopped in the middle of a start. Without it
    FenceTimeout is raised at once; use that in a transaction whose locks others wait for.
    """
    target = TRANSITIONS[name].target
    if target in RUNNABLE:
        fields.setdefault("settled_at", None)  # its next end is another one
    if target in FINISHED:
        fields.setdefault("finished_at", timezone.now())
    if target not in RUNNABLE:
        # A job that was paused and is then cancelled has been inactive since the pause.
        now = Value(_run_until(job_id), models.DateTimeField())
        running = When(status=JobStatus.PROCESSING, then=now)
        fields.setdefault("inactive_since", Case(running, default=Coalesce("inactive_since", now)))
    deadline = monotonic() + 2 * conf.LEASE_SECONDS
    while True:
        try:
            changed = _transition(job_id, name, entry, fields)
            break
        except backends.FenceTimeout:
            # Its worker kills it after JOBS_LEASE_SECONDS. Other writers get a chance until then.
            if not wait or monotonic() > deadline:
                raise
            sleep(0.05)
    if changed:
        extra = {"job": job_id, "by": entry.actor_name or "-", "source": entry.source}
        logger.info("job %s", name, extra=extra)
    return changed


def _run_until(job_id: uuid.UUID) -> datetime:
    job = Job.objects.filter(pk=job_id).only("begun_at", "begun_mark").first()
    return timezone.now() if job is None else job.run_until()


@transaction.atomic
def _transition(
    job_id: uuid.UUID, name: Transition, entry: EventEntry, fields: dict[str, Any]
) -> bool:
    if not apply(job_id, name, **fields):
        return False
    if TRANSITIONS[name].target not in RUNNABLE:
        fence(job_id)
    else:
        reset_error_streaks(job_id)
    JobEvent.objects.record(job_id, str(name), entry)
    if name is Transition.CANCEL:
        send_on_commit(
            job_cancelled,
            Job,
            lambda: {"job": Job.objects.get(pk=job_id), "source": entry.source},
        )
    elif TRANSITIONS[name].target in FINISHED:
        send_on_commit(job_finished, Job, lambda: {"job": Job.objects.get(pk=job_id)})
    if TRANSITIONS[name].target in FINISHED:
        settle(job_id)
    return True


def fence(job_id: uuid.UUID) -> None:
    """Forbid the workers of a job to start another item.

    Call it in the transaction that changes the job's status. Raises FenceTimeout.
    """
    held = Lease.objects.filter(job_id=job_id).held()
    held.update(fenced=True)
    for lease in backends.current().fence(held):
        lease.save(update_fields=backends.RUNNING_FIELDS)


def reset_error_streaks(job_id: uuid.UUID) -> None:
    """Count equal errors from zero: a person lets the job continue.

    Call it in the transaction that changes the job's status. Workers that still hold a lease of
    the job are fenced; their release discards what they have counted.
    """
    Lease.objects.filter(job_id=job_id, streak__gt=0).update(streak=0, streak_message="")


def complete_if_done(job_id: uuid.UUID, *, wait: bool = True) -> bool:
    """Complete the job if nothing is left to process; True if this call completed it.

    Settles a job that is finished already, if its last worker has left: call it after each release.

    A job with a held lease is not completed: its last items may have passed the failure limit,
    and the holder is about to report that. The release of the last lease asks again. Without
    `wait` a job whose row is locked is skipped; use that where the call is repeated anyway.
    """
    with transaction.atomic():
        # With the lock, the last of several workers sees what the others have committed.
        jobs = Job.objects.select_for_update(skip_locked=not wait)
        job = jobs.filter(pk=job_id, status__in=RUNNABLE | FINISHED).first()
        if job is not None and job.status in FINISHED:
            settle(job_id)
            return False
        if job is None or not job.prepared:
            return False
        if Lease.objects.held().filter(job=job).exists():
            return False
        if any(job.items.by_status(status)[:1] for status in UNFINISHED):
            return False
        return transition(job_id, Transition.COMPLETE, EventEntry("engine"))
