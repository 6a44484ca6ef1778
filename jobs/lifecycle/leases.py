"""Acquires, renews, fences and releases leases: a worker's slot in a job.

Locks are taken in the order of `jobs.lifecycle.transitions`: job, lease, items, library files.
A person's turn comes after all of them.
"""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import transaction
from django.db.models import DateTimeField, F, Max, Value
from django.db.models.functions import Greatest
from django.utils import timezone

from jobs import backends
from jobs.backends import ErrorStreak, merge
from jobs.library.outcomes import record_failure
from jobs.lifecycle import transitions
from jobs.models import Job, JobItem, Lease, Turn
from jobs.processes import clock
from jobs.processes.identity import ProcessIdentity
from jobs.states import RUNNABLE, ItemStatus, JobStatus, Transition


@dataclass(frozen=True, slots=True)
class Disposition:
    """What a release means for the item that was running.

    `count_attempt`: the item has used up an attempt. After `max_attempts` it fails with
    `message`. `fail_now`: it fails at once, whatever the number of attempts.
    """

    count_attempt: bool = False
    max_attempts: int = 1
    message: str = ""
    fail_now: bool = False


@dataclass(frozen=True, slots=True)
class Released:
    """The result of a release: the item that was running, if any, and whether it has failed.

    `items`: how many claimed items are pending again. `streak`: equal errors of the slot, with
    this item if it has failed.
    """

    item: JobItem | None
    failed: bool
    items: int
    streak: ErrorStreak


def acquire(
    job_id: uuid.UUID,
    *,
    host: str,
    worker: ProcessIdentity,
    executor: ProcessIdentity,
    cluster_pid: int,
    operation_limit: int | None = None,
) -> Lease | None:
    """Take a slot in the job; None if the job may not have another worker now.

    A job that is not prepared has one slot, for the worker that prepares it.
    `operation_limit`: the largest number of workers for all jobs of this operation together.

    The new holder inherits the error streaks of all free slots: tasks and time slices end,
    an outage does not.
    """
    with transaction.atomic():
        job = Job.objects.select_for_update().filter(pk=job_id, status__in=RUNNABLE).first()
        if job is None:
            return None
        if operation_limit is not None:
            backends.current().lock_count(f"workers {job.operation}")
            same = Lease.objects.held().filter(fenced=False, job__operation=job.operation)
            if same.count() >= operation_limit:
                return None
        rows = list(Lease.objects.filter(job_id=job_id).order_by("slot"))
        free = [lease for lease in rows if lease.token is None]
        held = sum(lease.token is not None and not lease.fenced for lease in rows)
        slots = job.max_workers if job.prepared else 1
        if slots is not None and held >= slots:
            return None
        last = rows[-1].slot if rows else 0
        lease = free[0] if free else Lease(job_id=job_id, slot=last + 1)
        lease.token = secrets.randbits(62)
        lease.fenced = lease.gated = False
        lease.host, lease.machine = host, worker.machine
        lease.worker_pid, lease.worker_started = worker.pid, worker.started
        lease.executor_pid, lease.executor_started = executor.pid, executor.started
        lease.cluster_pid = cluster_pid
        lease.clock_offset = clock.offset()
        lease.acquired_at = _now()
        lease.served_at = _next_turn(lease.acquired_at)
        lease.heartbeats, lease.heartbeat_at = 0, lease.acquired_at
        lease.rate = lease.item_seconds = 0.0
        _inherit_error_streaks(lease, free)
        lease.current_item = lease.current_since = None
        lease.first_position = lease.last_position = None
        lease.save()
        if job.prepared and job.status == JobStatus.QUEUED:
            transitions.apply(
                job_id,
                Transition.BEGIN,
                **job.begin_run(timezone.now()),
            )
        # Last: workers of other jobs of the person wait for it.
        _record_turn(job, lease.served_at)
    return lease


def _now() -> datetime:
    """As a date, the moment by which others measure; see `processes.clock`."""
    return datetime.fromtimestamp(clock.now(), UTC)


@dataclass(frozen=True, slots=True)
class Renewed:
    """What a heartbeat has found. `unacknowledged`: a fence waits for the worker."""

    fenced: bool = False
    unacknowledged: bool = False


def renew(token: int) -> Renewed | None:
    """Write a heartbeat; None if the lease is no longer held with this token."""
    found = backends.current().renew(token, _now())
    if found is None:
        return None
    fenced, gated = found
    return Renewed(fenced, fenced and gated)


def release(lease_id: int, token: int, disposition: Disposition) -> Released | None:
    """Free a lease and the items that it has claimed; None if it is not held with this token.

    Safe to repeat, and safe to call from several sweeps at once: one of them wins.
    """
    with transaction.atomic():
        lease = Lease.objects.select_for_update().filter(pk=lease_id, token=token).first()
        transaction.on_commit(lambda: backends.current().gates.discard(token))
        if lease is None:
            return None
        backends.current().gates.close(lease)
        claimed = JobItem.objects.claimed_by(lease)
        item = claimed.filter(pk=lease.current_item).first() if lease.current_item else None
        failed, streak = False, ErrorStreak(lease.streak, lease.streak_message)
        if item is not None and disposition.count_attempt:
            item.attempts += 1
            failed = disposition.fail_now or item.attempts >= disposition.max_attempts
            lease.sequence += failed
            lease.failed += failed
            streak = streak.after(disposition.message) if failed else streak
            _end_attempt(lease, item, disposition.message if failed else None)
        pending = claimed.update(status=ItemStatus.PENDING, lease_token=None, started_at=None)
        lease.token = lease.current_item = lease.current_since = None
        lease.first_position = lease.last_position = None
        lease.gated = False
        lease.batch_succeeded = lease.batch_failed = 0
        lease.rate = 0.0
        if lease.fenced:
            # It dates from before the stop; a person may have resumed the job since.
            streak = ErrorStreak()
        lease.streak, lease.streak_message = streak.length, streak.error
        lease.heartbeat_at = timezone.now()
        lease.save()
    return Released(item, failed, pending, streak)


def _next_turn(now: datetime) -> datetime:
    """Now, or right after the latest turn if a clock was ahead of ours then."""
    latest = Turn.objects.aggregate(latest=Max("served_at"))["latest"]
    return now if latest is None else max(now, latest + timedelta(microseconds=1))


def _record_turn(job: Job, served_at: datetime) -> None:
    """Record that a job of this person gets a worker: see `scheduling.needing_workers`.

    Another worker that serves the person at the same time may have recorded a later turn.
    """
    later = Greatest(F("served_at"), Value(served_at, output_field=DateTimeField()))
    if not Turn.objects.filter(person=job.created_by_id).update(served_at=later):
        turn = Turn(person_id=job.created_by_id, served_at=served_at)
        Turn.objects.bulk_create([turn], ignore_conflicts=True)


def _inherit_error_streaks(lease: Lease, free: Sequence[Lease]) -> None:
    """Move the error streaks of all free slots to the one that is being acquired.

    No outdated streak is left behind this way: the next success of the holder ends it.
    """
    streak = merge(ErrorStreak(row.streak, row.streak_message) for row in free)
    lease.streak, lease.streak_message = streak.length, streak.error
    moved = [row.pk for row in free if row.streak and row.pk != lease.pk]
    if moved:
        Lease.objects.filter(pk__in=moved).update(streak=0, streak_message="")


def _end_attempt(lease: Lease, item: JobItem, failure: str | None) -> None:
    """Record an attempt that ended with its worker; `failure` ends the item with this message."""
    row = JobItem.objects.filter(pk=item.pk)
    if failure is None:
        row.update(attempts=item.attempts)
        return
    row.update(
        status=ItemStatus.FAILED,
        message=failure,
        attempts=item.attempts,
        finished_at=timezone.now(),
        lease_token=None,
        slot=lease.slot,
        sequence=lease.sequence,
    )
    if item.file_id is not None:
        record_failure(item.file_id, lease.job.operation, lease.job_id, failure)
