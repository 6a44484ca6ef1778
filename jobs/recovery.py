"""Finds workers that died, gives back what they held, and ends jobs that are done.

Run by every cluster about once a second, and safe to run anywhere at any time.
"""

import logging
import os
import signal
from contextlib import suppress
from time import monotonic, sleep
from uuid import UUID

import psutil
from django.db import OperationalError, connection, transaction
from django.db.models import Exists, OuterRef, Subquery

from jobs import conf, gates, operations
from jobs.exceptions import UnknownOperation
from jobs.leases import GivenBack, Verdict
from jobs.leftovers import KILL_SECONDS, end_leftovers
from jobs.models import Job, JobEvent, JobItem, Lease
from jobs.outage import stop_if_hopeless
from jobs.processes import ProcessIdentity
from jobs.querysets import Entry
from jobs.signals import item_failed, send_on_commit
from jobs.states import OPEN, RUNNABLE

logger = logging.getLogger(__name__)


class Observer:
    """Judges from heartbeat counters which holders are silent, by its own monotonic clock.

    A lease is silent when its counter has stood still for JOBS_LEASE_SECONDS in which we
    did look. Time in which nobody looked (a stopped process, a database that was away)
    counts little, so a common pause kills nobody; a clock that jumps changes nothing. On SQLite
    a look begins with the write lock, so time in which nobody could show life is such time.
    """

    def __init__(self) -> None:
        self._quiet: dict[int, tuple[int, float]] = {}
        self._looked_at = monotonic()

    def silent(self, leases: list[Lease]) -> list[Lease]:
        """Those of all held leases whose holders must be taken for dead."""
        now = monotonic()
        passed = min(now - self._looked_at, 2 * conf.get("SWEEP_SECONDS"))
        self._looked_at = now
        quiet: dict[int, tuple[int, float]] = {}
        for lease in leases:
            beat, seconds = self._quiet.get(lease.holder, (lease.beat, -passed))
            quiet[lease.holder] = (lease.beat, seconds + passed if beat == lease.beat else 0.0)
        self._quiet = quiet
        limit = conf.get("LEASE_SECONDS")
        return [lease for lease in leases if quiet[lease.holder][1] >= limit]


def sweep(observer: Observer) -> int:
    """Look once; how many places were taken from dead workers.

    Waits for no lock of a job or place. Who holds one may have vanished with its machine, and
    that must not hold up all others; the next sweep comes to it again.
    """
    if connection.vendor == "sqlite":
        with transaction.atomic():
            pass  # waits until it could write: see Observer
    leases = list(Lease.objects.held())
    silent = {lease.pk for lease in observer.silent(leases)}
    freed = 0
    for lease in leases:
        warden = ProcessIdentity(lease.machine, lease.warden_pid, lease.warden_started)
        if warden.is_gone:
            reason = "its process has ended"
        elif lease.pk in silent:
            reason = f"it has not shown itself for {conf.get('LEASE_SECONDS'):g} seconds"
        else:
            continue
        executor = ProcessIdentity(lease.machine, lease.executor_pid, lease.executor_started)
        end_process(executor)
        # Its death may have come before ours to end it: what it had started lives on, and the
        # next who gets its item must not meet that either.
        end_leftovers(executor, seen_at=lease.beat_at)
        try:
            freed += return_lease(lease, reason=reason, wait=False) is not None
        except OperationalError as error:
            if not _is_held_up(error):
                raise
            # It cannot be ended from here. The next sweep tries again; others must not wait.
            logger.warning("%s", error, extra={"job": lease.job_id, "host": lease.host})
    for job_id in _jobs_that_look_done():
        Job.objects.complete_if_done(job_id, wait=False)
    held = {lease.holder for lease in leases}
    gates.tidy(held, older_than_seconds=2 * conf.get("LEASE_SECONDS"))
    return freed


def return_lease(
    lease: Lease, *, reason: str, charge: bool = True, final: str = "", wait: bool = True
) -> GivenBack | None:
    """Give back the place of a worker that is dead, and tell it in the job's events.

    `charge`: the running item has used up a try, and fails after its last one. `final`:
    the item fails now, with this message. None if somebody else did it before, and without
    `wait` also if somebody has locked it at this moment.
    """
    attempts = _attempts(lease)
    tries = f"{attempts} tries" if attempts != 1 else "1 try"
    verdict = Verdict(
        charge=charge,
        attempts=attempts,
        final=bool(final),
        failure=final or f"The worker died while processing this file ({tries}): {reason}",
    )
    with transaction.atomic():
        if not wait:
            _wait_a_second_at_most()
        # All that a stop of the job needs, before items and files, so that there is one order.
        job = Job.objects.select_for_update(skip_locked=not wait).filter(pk=lease.job_id).first()
        places = Lease.objects.select_for_update(skip_locked=not wait).filter(job=lease.job_id)
        ours = lease.pk in {place.pk for place in places.order_by("pk")}
        if not ours or (job is None and not wait):
            return None
        given_back = Lease.objects.give_back(lease.pk, lease.holder, verdict)
        if given_back is None:
            return None
        _record(lease, given_back, reason, verdict)
        # In one transaction: once the place is free somebody else may complete the job. The
        # dead worker may have had no time to judge what it had written itself.
        if job is not None and (given_back.failed or given_back.streak.length):
            stop_if_hopeless(job, wait=False)
    item = given_back.item
    logged = {"job": lease.job_id, "item": item.pk if item else "-", "host": lease.host}
    logger.warning("worker %s is dead: %s", lease.warden_pid, reason, extra=logged)
    Job.objects.complete_if_done(lease.job_id, wait=wait)
    return given_back


def _wait_a_second_at_most() -> None:
    """In this transaction; for what a stop of the job needs beside the place itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '1s'")


def _is_held_up(error: OperationalError) -> bool:
    """Whether a worker stands still in a start, or holds a lock for longer than that."""
    lock_not_available = "55P03"
    return isinstance(error, gates.HeldUp) or (
        getattr(error.__cause__, "sqlstate", None) == lock_not_available
    )


def _record(lease: Lease, given_back: GivenBack, reason: str, verdict: Verdict) -> None:
    """Tell of the item that the dead worker ran, if any."""
    item = given_back.item
    if item is None:
        return
    kind, what = "item_given_back", "was given back"
    if given_back.failed:
        kind, what = "item_failed", "failed"
        told = {"job": lease.job, "path": item.key, "message": verdict.failure}
        send_on_commit(item_failed, Job, lambda: told)
    message = verdict.failure if verdict.final else reason
    entry = Entry("engine", message=f"{item.key} {what}: {message}")
    JobEvent.objects.record(lease.job_id, kind, entry)


def end_process(process: ProcessIdentity) -> None:
    """SIGKILL a local process with all that it has started; nothing if it is gone or remote.

    Returns when it is gone, or after a second if the kernel holds it up: it runs nothing
    of ours any more then. Whoever gets its item next must not meet it.
    """
    if not process.is_local or process.is_gone:
        return
    with suppress(psutil.Error):
        for child in psutil.Process(process.pid).children(recursive=True):
            with suppress(psutil.Error):
                child.kill()
    with suppress(ProcessLookupError):
        os.kill(process.pid, signal.SIGKILL)
    _wait_until_gone(process)


def _wait_until_gone(process: ProcessIdentity) -> None:
    give_up_at = monotonic() + KILL_SECONDS
    while not process.is_gone and monotonic() < give_up_at:
        sleep(0.002)


def _attempts(lease: Lease) -> int:
    try:
        return operations.get(lease.job.operation).attempts
    except UnknownOperation:
        return 1


def _jobs_that_look_done() -> list[UUID]:
    """Jobs that nobody works on and that have no open item: their last worker died just then."""
    items = JobItem.objects.filter(job=OuterRef("pk"))
    first_open = {
        f"first_{status.value}": Subquery(items.by_status(status).values("pk")[:1])
        for status in OPEN
    }
    return list(
        Job.objects.filter(status__in=RUNNABLE, prepared=True)
        .exclude(Exists(Lease.objects.held().filter(job=OuterRef("pk"))))
        .alias(**first_open)
        .filter(**{f"{name}__isnull": True for name in first_open})
        .values_list("pk", flat=True)[:100]
    )
