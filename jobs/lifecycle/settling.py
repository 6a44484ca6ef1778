"""Sends `job_settled` once for each end of a job, when nothing of it is in flight any more.

The transaction that finds the job finished and without a held lease marks it as settled, so it
happens once. The same transaction writes a `Settlement`, which is removed after the signal was
sent. If the process dies in between, another one finds the row and sends the signal again. If
only the sending fails, the process releases the row, and the next sweep sends the signal again.
"""

import logging
import uuid
from contextlib import suppress
from datetime import timedelta

from django.db import Error, connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from jobs.backends import job_totals
from jobs.models import Job, Lease, Settlement
from jobs.processes import identity
from jobs.processes.identity import ProcessIdentity
from jobs.signals import job_settled
from jobs.states import FINISHED

logger = logging.getLogger(__name__)

NO_PROCESS = 0.0
"""`Settlement.started` of a released row: no process has started at the boot of its machine."""

_unreleased: set[int] = set()
"""Rows that this process could not send, and could not release without a database either."""

ELSEWHERE_SECONDS = 300
"""A process of another machine has this much time to send a signal."""


def settle(job_id: uuid.UUID) -> bool:
    """Settle the job if it is finished and no lease of it is held; True if this call did.

    Call it in a transaction that has locked the job's row.
    """
    if Lease.objects.held().filter(job_id=job_id).exists():
        return False
    unsettled = Job.objects.filter(pk=job_id, status__in=FINISHED, settled_at__isnull=True)
    if not unsettled.update(settled_at=Now()):
        return False
    if job_settled.has_listeners(Job):
        settlement = _record(Job.objects.get(pk=job_id))
        transaction.on_commit(lambda: _send_or_release(settlement), robust=True)
    return True


def unsettled_jobs() -> list[uuid.UUID]:
    """Some finished jobs that are ready to be settled: the last worker died just then."""
    held = Lease.objects.held().filter(job=OuterRef("pk"))
    ended = Job.objects.filter(settled_at__isnull=True, finished_at__isnull=False)
    ready = ended.filter(~Exists(held), status__in=FINISHED)
    return list(ready.order_by("finished_at").values_list("pk", flat=True)[:100])


def send_unsent() -> int:
    """Send the signals whose processes have died or failed before they could; how many.

    Safe to run in several processes at once: one of them wins.
    """
    if not job_settled.has_listeners(Job):
        return 0
    _release_unsent()
    me, sent = identity.current(), 0
    late = Q(at__lt=Now() - timedelta(seconds=ELSEWHERE_SECONDS))
    for settlement in Settlement.objects.annotate(late=late).order_by("pk")[:100]:
        sender = ProcessIdentity(settlement.machine, settlement.pid, settlement.started)
        if not (sender.is_dead or (settlement.late and not sender.is_local)):
            continue
        before = {"machine": sender.machine, "pid": sender.pid, "started": sender.started}
        unsent = Settlement.objects.filter(pk=settlement.pk, **before)
        mine = {"machine": me.machine, "pid": me.pid, "started": me.started}
        if unsent.update(**mine, at=Now()):
            logger.warning("job_settled is sent again", extra={"job": settlement.job_id})
            _unreleased.discard(settlement.pk)
            _send_or_release(settlement)
            sent += 1
    return sent


def _record(job: Job) -> Settlement:
    totals = job_totals([job.pk])[job.pk]
    failed, me = totals.failed - job.retried, identity.current()
    return Settlement.objects.create(
        job=job,
        status=job.status,
        total=job.total_items,
        succeeded=totals.succeeded,
        failed=failed,
        skipped=job.total_items - totals.succeeded - failed,
        at=Now(),
        machine=me.machine,
        pid=me.pid,
        started=me.started,
    )


def _send_or_release(settlement: Settlement) -> None:
    try:
        _send(settlement)
    except BaseException:
        _unreleased.add(settlement.pk)
        connection.close_if_unusable_or_obsolete()
        with suppress(Error):  # the database does not answer yet: the next call tries again
            _release_unsent()
        raise
    with suppress(Error):
        _release_unsent()


def _release_unsent() -> None:
    """Let the next sweep of any process send what this one could not."""
    if not (released := set(_unreleased)):
        return
    me = identity.current()
    mine = {"machine": me.machine, "pid": me.pid, "started": me.started}
    Settlement.objects.filter(pk__in=released, **mine).update(started=NO_PROCESS)
    _unreleased.difference_update(released)


def _send(settlement: Settlement) -> None:
    job = Job._base_manager.filter(pk=settlement.job_id).first()
    if job is None:
        return  # it was deleted meanwhile
    names = ("status", "total", "succeeded", "failed", "skipped")
    numbers = {name: getattr(settlement, name) for name in names}
    job_settled.send_robust(Job, job=job, settlement=settlement.pk, **numbers)
    Settlement.objects.filter(pk=settlement.pk).delete()
