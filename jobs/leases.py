"""The writer of leases: who holds a place in a job, and what becomes of what a dead one held.

Locks are taken in the order of `jobs.querysets`: job, lease, items, library files.
"""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import F
from django.utils import timezone

from jobs import gates
from jobs.states import RUNNABLE, ItemStatus, JobStatus, Move
from jobs.streak import Streak, together
from jobs.tally import tally

if TYPE_CHECKING:
    # Only for the types: models import this module.
    from jobs.models import JobItem, Lease
    from jobs.processes import ProcessIdentity
    from jobs.querysets import JobQuerySet


def _rows(model: str) -> Any:
    """The manager of a sister model; looked up late, because `models` imports this module."""
    return apps.get_model("jobs", model)._default_manager


_TOLD_BY_GATES = ("current_item", "current_since", "group_succeeded", "group_failed")


@dataclass(frozen=True, slots=True)
class Verdict:
    """Why a lease is given back, and what that means for the item that was running.

    `charge`: the item has used up a try. `attempts`: after so many tries it fails, with
    `failure` as its message. `final`: it fails now, whatever the number of tries.
    """

    charge: bool = False
    attempts: int = 1
    failure: str = ""
    final: bool = False


@dataclass(frozen=True, slots=True)
class GivenBack:
    """What giving a lease back did: the item that was running, if any, and its end.

    `streak`: of the lane, with this item if it has failed.
    """

    item: JobItem | None
    failed: bool
    released: int
    streak: Streak


class LeaseQuerySet(models.QuerySet["Lease"]):
    def held(self) -> LeaseQuerySet:
        return self.filter(token__isnull=False)

    def live(self) -> list[Lease]:
        """These leases, with what their workers run at this moment."""
        return gates.fresh(lambda: list(self.all()))

    def fence(self, job_id: uuid.UUID) -> None:
        """Forbid the workers of a job to start anything more.

        In the transaction that changes the job's status.
        """
        held = self.filter(job_id=job_id).held()
        held.update(fenced=True)
        if gates.used():
            for lease in held:
                if gates.shut(lease):
                    lease.save(update_fields=_TOLD_BY_GATES)

    def acquire(
        self,
        job_id: uuid.UUID,
        *,
        host: str,
        warden: ProcessIdentity,
        executor: ProcessIdentity,
        cluster_pid: int,
        operation_limit: int | None = None,
    ) -> Lease | None:
        """Take a place in the job, or None if it may not have another worker now.

        A job that is not prepared has one place, for the worker that prepares it.
        `operation_limit`: at most so many workers for all jobs of this operation together.

        Whoever takes a place goes on with the equal errors of all places that nobody holds:
        sessions and slices end, an outage does not.
        """
        jobs: JobQuerySet = _rows("Job").all()
        with transaction.atomic():
            job = jobs.select_for_update().filter(pk=job_id, status__in=RUNNABLE).first()
            if job is None:
                return None
            if operation_limit is not None:
                _lock_operation(job.operation)
                same = self.held().filter(fenced=False, job__operation=job.operation)
                if same.count() >= operation_limit:
                    return None
            leases = list(self.filter(job_id=job_id).order_by("number"))
            free = [lease for lease in leases if lease.token is None]
            held = sum(lease.token is not None and not lease.fenced for lease in leases)
            places = 1 if not job.prepared else job.max_workers
            if places is not None and held >= places:
                return None
            last = leases[-1].number if leases else 0
            lease: Lease = free[0] if free else self.model(job_id=job_id, number=last + 1)
            lease.token = secrets.randbits(62)
            lease.fenced = False
            lease.host, lease.machine = host, warden.machine
            lease.warden_pid, lease.warden_started = warden.pid, warden.started
            lease.executor_pid, lease.executor_started = executor.pid, executor.started
            lease.cluster_pid = cluster_pid
            lease.held_since = timezone.now()
            lease.beat, lease.beat_at = 0, lease.held_since
            lease.rate = lease.item_seconds = 0.0
            self._carry_on(lease, free)
            lease.current_item = lease.current_since = None
            lease.first_position = lease.last_position = None
            lease.save()
            if job.prepared and job.status == JobStatus.QUEUED:
                jobs.move(
                    job_id,
                    Move.BEGIN,
                    started_at=job.started_at or lease.held_since,
                    rests_since=None,
                    rested_seconds=job.rested_seconds + job.resting_seconds,
                )
        return lease

    def _carry_on(self, lease: Lease, free: Sequence[Lease]) -> None:
        """Move the streaks of all free places to the one that is being taken.

        So none lies about that is no longer in a row: its holder's next success ends it.
        """
        streak = together(Streak(row.streak, row.streak_message) for row in free)
        lease.streak, lease.streak_message = streak.length, streak.error
        moved = [row.pk for row in free if row.streak and row.pk != lease.pk]
        if moved:
            self.filter(pk__in=moved).update(streak=0, streak_message="")

    def forget_streaks(self, job_id: uuid.UUID) -> None:
        """A person lets the job go on: equal errors are counted anew.

        In the transaction that changes the job's status. Workers that still hold a place of
        it are fenced; what they count is forgotten when they give it back.
        """
        self.filter(job_id=job_id, streak__gt=0).update(streak=0, streak_message="")

    def heartbeat(self, token: int) -> bool:
        """Show that the holder lives; False if the place is not its own any more."""
        return bool(self.filter(token=token).update(beat=F("beat") + 1, beat_at=timezone.now()))

    def is_fenced(self, token: int) -> bool:
        return self.filter(token=token, fenced=True).exists()

    def give_back(self, lease_id: int, token: int, verdict: Verdict) -> GivenBack | None:
        """Free a place and the items it holds; None if it is not held with this token.

        Safe to call by several sweepers at once and again: only one of them wins.
        """
        with transaction.atomic():
            lease = self.select_for_update().filter(pk=lease_id, token=token).first()
            transaction.on_commit(lambda: gates.remove(token))
            if lease is None:
                return None
            gates.shut(lease)
            held = _rows("JobItem").held_by(lease)
            item = held.filter(pk=lease.current_item).first() if lease.current_item else None
            failed, streak = False, Streak(lease.streak, lease.streak_message)
            if item is not None and verdict.charge:
                item.attempts += 1
                failed = verdict.final or item.attempts >= verdict.attempts
                lease.sequence += failed
                lease.failed += failed
                streak = streak.after(verdict.failure) if failed else streak
                self._end_try(lease, item, verdict.failure if failed else None)
            released = held.update(status=ItemStatus.PENDING, claim=None, started_at=None)
            lease.token = lease.current_item = lease.current_since = None
            lease.first_position = lease.last_position = None
            lease.group_succeeded = lease.group_failed = 0
            lease.rate = 0.0
            if lease.fenced:
                # Of before the stop; somebody may have let the job go on meanwhile.
                streak = Streak()
            lease.streak, lease.streak_message = streak.length, streak.error
            lease.beat_at = timezone.now()
            lease.save()
        return GivenBack(item, failed, released, streak)

    def _end_try(self, lease: Lease, item: JobItem, failure: str | None) -> None:
        """Write down one try that ended with its worker; `failure` ends the item with it."""
        if failure is None:
            _rows("JobItem").filter(pk=item.pk).update(attempts=item.attempts)
            return
        _rows("JobItem").filter(pk=item.pk).update(
            status=ItemStatus.FAILED,
            message=failure,
            attempts=item.attempts,
            finished_at=timezone.now(),
            claim=None,
            lane=lease.number,
            sequence=lease.sequence,
        )
        if item.file_id is not None:
            _rows("LibraryFile").filter(pk=item.file_id).update(
                status=ItemStatus.FAILED, message=failure, last_job_id=lease.job_id
            )

    def tally(self, job_ids: list[uuid.UUID]) -> dict[uuid.UUID, dict[str, Any]]:
        """The numbers of each job, from its few lease rows, of one moment.

        Keys: succeeded, failed, in_flight, workers (places that are held), rate (items a
        second), item_seconds (of a usual item, None if unknown), running (key of each item
        that runs, and since when in seconds since the epoch; the longest first), lanes (how
        many items each has ever finished, by number). A job without leases is left out.
        """
        return tally(job_ids)


def _lock_operation(name: str) -> None:
    """Let only one transaction at a time count the workers of an operation.

    SQLite has a single writer anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"jobs.{name}"])
