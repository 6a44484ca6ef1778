"""Finds dead workers, rescues their leases, and completes finished jobs.

Every cluster runs a sweep about once a second; it is safe to run anywhere at any time.
"""

import logging
import os
import signal
import sys
from collections.abc import Collection, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic, sleep
from uuid import UUID

import psutil
from django.db import OperationalError, transaction
from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from jobs import backends, operations
from jobs.conf import conf
from jobs.exceptions import UnknownOperation
from jobs.lifecycle import leases, transitions
from jobs.lifecycle.circuit_breaker import trip_if_failing
from jobs.lifecycle.leases import Disposition, Released
from jobs.lifecycle.settling import unsettled_jobs
from jobs.models import EventEntry, Job, JobEvent, JobItem, Lease
from jobs.processes.identity import ProcessIdentity
from jobs.processes.orphans import KILL_SECONDS, kill_orphans
from jobs.signals import item_failed, send_on_commit
from jobs.states import RUNNABLE, UNFINISHED

logger = logging.getLogger(__name__)


class StallDetector:
    """Finds stalled workers by their heartbeat counters and its own monotonic clock.

    A lease is stalled when its counter has not moved for JOBS_LEASE_SECONDS of observed time.
    Unobserved time (a stopped process, a database that was away) counts little, so a common
    pause kills no worker; a clock that jumps changes nothing. On SQLite a sweep begins with the
    write lock, so time in which no worker could write a heartbeat is unobserved time.
    """

    def __init__(self) -> None:
        self._seen: dict[int, tuple[int, float]] = {}
        self._checked_at = monotonic()

    def stalled(self, leases: list[Lease]) -> list[Lease]:
        """Those of all held leases whose workers must be presumed dead."""
        now = monotonic()
        passed = min(now - self._checked_at, 2 * conf.SWEEP_SECONDS)
        self._checked_at = now
        seen: dict[int, tuple[int, float]] = {}
        for lease in leases:
            count, seconds = self._seen.get(lease.holder, (lease.heartbeats, -passed))
            moved = count != lease.heartbeats
            seen[lease.holder] = (lease.heartbeats, 0.0 if moved else seconds + passed)
        self._seen = seen
        return [lease for lease in leases if seen[lease.holder][1] >= conf.LEASE_SECONDS]


def sweep(detector: StallDetector) -> int:
    """Rescue the leases of dead workers, complete and settle finished jobs; how many leases.

    Waits for no lock of a job or lease. The holder's machine may have gone down, and that must
    not delay all others; the next sweep tries again.
    """
    backend = backends.current()
    backend.begin_sweep()
    held = list(Lease.objects.held())
    stalled = {lease.pk for lease in detector.stalled(held)}
    rescued = rescue_dead(held, stalled)
    for job_id in (*_jobs_without_open_items(), *unsettled_jobs()):
        transitions.complete_if_done(job_id, wait=False)
    tokens = {lease.holder for lease in held}
    backend.clean_up(tokens, older_than_seconds=2 * conf.LEASE_SECONDS)
    return rescued


def rescue_dead(held: Iterable[Lease], stalled: Collection[int]) -> int:
    """Rescue those of the held leases whose workers are dead or among the `stalled`; how many.

    `stalled`: primary keys. Waits for no lock.
    """
    rescued = 0
    for lease in held:
        worker = ProcessIdentity(lease.machine, lease.worker_pid, lease.worker_started)
        if worker.is_dead:
            reason = "its process has ended"
        elif lease.pk in stalled:
            reason = f"it has sent no heartbeat for {conf.LEASE_SECONDS:g} seconds"
        else:
            continue
        executor = ProcessIdentity(lease.machine, lease.executor_pid, lease.executor_started)
        kill_process(executor)
        # It may have died before: the programs that it had started live on, and the next worker
        # of its item must not meet them.
        kill_orphans(executor, seen_at=_seen_at(lease))
        try:
            rescued += rescue_lease(lease, reason=reason, wait=False) is not None
        except OperationalError as error:
            if not backends.current().is_lock_timeout(error):
                raise
            # It cannot be killed from here. The next sweep tries again; others must not wait.
            logger.warning("%s", error, extra={"job": lease.job_id, "host": lease.host})
    return rescued


def _seen_at(lease: Lease) -> datetime | None:
    """The last heartbeat, by this machine's clock as it is now."""
    if lease.heartbeat_at is None:
        return None
    return timezone.now() - timedelta(seconds=lease.silent_seconds)


def rescue_lease(
    lease: Lease, *, reason: str, count_attempt: bool = True, failure: str = "", wait: bool = True
) -> Released | None:
    """Release the lease of a dead worker, and record that in the job's events.

    `count_attempt`: the running item has used up an attempt, and fails after its last one.
    `failure`: the item fails now, with this message. None if another call released the lease
    before, and without `wait` also if it is locked at this moment.
    """
    attempts = _max_attempts(lease)
    tries = f"{attempts} tries" if attempts != 1 else "1 try"
    disposition = Disposition(
        count_attempt=count_attempt,
        max_attempts=attempts,
        fail_now=bool(failure),
        message=failure or f"The worker died while processing this file ({tries}): {reason}",
    )
    with transaction.atomic():
        if not wait:
            backends.current().limit_lock_wait()
        # Everything that a stop of the job needs, before items and files: one order of locks.
        job = Job.objects.select_for_update(skip_locked=not wait).filter(pk=lease.job_id).first()
        rows = Lease.objects.select_for_update(skip_locked=not wait).filter(job=lease.job_id)
        locked = lease.pk in {row.pk for row in rows.order_by("pk")}
        if not locked or (job is None and not wait):
            return None
        released = leases.release(lease.pk, lease.holder, disposition)
        if released is None:
            return None
        _record(lease, released, reason, disposition)
        # In the same transaction: another worker may complete the job once the lease is free.
        # The dead worker may not have checked the failures that it had written itself.
        if job and (released.failed or released.streak.length):
            trip_if_failing(job, wait=False)
    item = released.item
    extra = {"job": lease.job_id, "item": item.pk if item else "-", "host": lease.host}
    logger.warning("worker %s is dead: %s", lease.worker_pid, reason, extra=extra)
    transitions.complete_if_done(lease.job_id, wait=wait)
    return released


def _record(lease: Lease, released: Released, reason: str, disposition: Disposition) -> None:
    """Record the item that the dead worker ran, if any."""
    item = released.item
    if item is None:
        return
    kind, what = "item_given_back", "was given back"
    if released.failed:
        kind, what = "item_failed", "failed"
        payload = {"job": lease.job, "path": item.key, "message": disposition.message}
        send_on_commit(item_failed, Job, lambda: payload)
    message = disposition.message if disposition.fail_now else reason
    entry = EventEntry("engine", message=f"{item.key} {what}: {message}")
    JobEvent.objects.record(lease.job_id, kind, entry)


def kill_process(process: ProcessIdentity) -> None:
    """SIGKILL a local process and everything that it has started; nothing if it is gone or remote.

    Returns when it is gone, or after a second if the kernel delays its end: it runs nothing of
    ours any more then. The next worker of its item must not meet it.
    """
    if not process.is_local or process.is_dead:
        return
    with suppress(psutil.Error):
        for child in psutil.Process(process.pid).children(recursive=True):
            with suppress(psutil.Error):
                child.kill()
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
    _wait_until_dead(process)


def _wait_until_dead(process: ProcessIdentity) -> None:
    deadline = monotonic() + KILL_SECONDS
    while not process.is_dead and monotonic() < deadline:
        sleep(0.002)


def _max_attempts(lease: Lease) -> int:
    try:
        return operations.get(lease.job.operation).attempts
    except UnknownOperation:
        return sys.maxsize  # its item fails only where its operation is known


def _jobs_without_open_items() -> list[UUID]:
    """Jobs without a held lease and without an open item: their last worker died just then."""
    items = JobItem.objects.filter(job=OuterRef("pk"))
    first_open = {
        f"first_{status.value}": Subquery(items.by_status(status).values("pk")[:1])
        for status in UNFINISHED
    }
    return list(
        Job.objects.filter(status__in=RUNNABLE, prepared=True)
        .exclude(Exists(Lease.objects.held().filter(job=OuterRef("pk"))))
        .alias(**first_open)
        .filter(**{f"{name}__isnull": True for name in first_open})
        .values_list("pk", flat=True)[:100]
    )
