"""The writer: every change of a job's status and of who holds a place in a job.

Each is one conditional UPDATE, or a short transaction around one, and says whether it won.
Locks are taken in one order everywhere: job, lease, items, library files.
What happens once per item is in `jobs.ledger`, in SQL by hand.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import Avg, Count, Exists, F, Max, OuterRef, Q, Sum
from django.utils import timezone

from jobs.states import ENDED, MOVES, RUNNABLE, ItemStatus, JobStatus, Move

if TYPE_CHECKING:
    # Only for the types: models import this module.
    from jobs.models import Job, JobItem, Lease  # noqa: F401
    from jobs.processes import ProcessIdentity


def _rows(model: str) -> Any:
    """The manager of a sister model; looked up late, because `models` imports this module."""
    return apps.get_model("jobs", model)._default_manager


def _lock_operation(name: str) -> None:
    """Let only one transaction at a time count the workers of an operation.

    SQLite has a single writer anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"jobs.{name}"])


@dataclass(frozen=True, slots=True)
class Entry:
    """What `JobQuerySet.change` writes into the job's events: who, from where, in words."""

    source: str
    actor_id: int | None = None
    actor_name: str = ""
    message: str = ""


class JobQuerySet(models.QuerySet["Job"]):
    def move(self, job_id: uuid.UUID, move: Move, **fields: Any) -> bool:
        """Make one move of the table in `states`; True if this call made it.

        Never called outside a transaction that also fences, if the move forbids starts.
        """
        arrow = MOVES[move]
        return bool(
            self.filter(pk=job_id, status__in=arrow.sources).update(status=arrow.target, **fields)
        )

    def change(self, job_id: uuid.UUID, move: Move, entry: Entry, **fields: Any) -> bool:
        """A move with its fence and its event, in one transaction.

        Once this has returned True for a move out of the runnable statuses, no worker
        starts another item: a start is an UPDATE of the worker's own lease row that
        demands `fenced = false`, and here the same rows are set. Leases taken later
        need the job row, which is locked until the commit, and then see its new status.
        """
        if MOVES[move].target in ENDED:
            fields.setdefault("finished_at", timezone.now())
        with transaction.atomic():
            if not self.move(job_id, move, **fields):
                return False
            if MOVES[move].target not in RUNNABLE:
                _rows("Lease").filter(job_id=job_id, token__isnull=False).update(fenced=True)
            _rows("JobEvent").record(job_id, str(move), entry)
        return True

    def complete_if_done(self, job_id: uuid.UUID) -> bool:
        """Complete the job if nothing is left to process; True if this call did it."""
        with transaction.atomic():
            # The lock makes the last of several workers see what the others have committed.
            job = self.select_for_update().filter(pk=job_id, status__in=RUNNABLE).first()
            if job is None or not job.prepared:
                return False
            open_statuses = (ItemStatus.PENDING, ItemStatus.PROCESSING)
            if any(job.items.filter(status=status).exists() for status in open_statuses):
                return False
            return self.change(job_id, Move.COMPLETE, Entry("engine"))

    def with_work(self) -> JobQuerySet:
        """Jobs that could use one more worker now, those with the fewest workers first.

        Among equals the one that was served longest ago comes first. Limits per
        operation are the caller's to check. Annotations: `held`, `served_at`.
        """
        free_item = _rows("JobItem").filter(
            job=OuterRef("pk"), status=ItemStatus.PENDING, claim__isnull=True
        )
        return (
            self.filter(status__in=RUNNABLE)
            .annotate(
                held=Count("leases", filter=Q(leases__token__isnull=False, leases__fenced=False)),
                served_at=Max("leases__held_since"),
            )
            .filter(Q(prepared=False, held=0) | (Q(prepared=True) & Exists(free_item)))
            .filter(Q(max_workers__isnull=True) | Q(held__lt=F("max_workers")))
            .order_by("held", F("served_at").asc(nulls_first=True), "created_at")
        )


class ItemQuerySet(models.QuerySet["JobItem"]):
    def held_by(self, lease: Lease) -> ItemQuerySet:
        """The items that the lease has claimed: found by its range, without an index on claims."""
        return self.filter(
            job_id=lease.job_id,
            position__range=(lease.first_position, lease.last_position),
            claim=lease.token,
        )


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
    """What giving a lease back did: the item that was running, if any, and its end."""

    item: JobItem | None
    failed: bool
    released: int


class LeaseQuerySet(models.QuerySet["Lease"]):
    def held(self) -> LeaseQuerySet:
        return self.filter(token__isnull=False)

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
        """
        jobs: JobQuerySet = _rows("Job").all()
        with transaction.atomic():
            job = jobs.select_for_update().filter(pk=job_id, status__in=RUNNABLE).first()
            if job is None:
                return None
            leases = self.filter(job_id=job_id)
            held = leases.held().filter(fenced=False).count()
            places = 1 if not job.prepared else job.max_workers
            if places is not None and held >= places:
                return None
            if operation_limit is not None:
                _lock_operation(job.operation)
                same = self.held().filter(fenced=False, job__operation=job.operation)
                if same.count() >= operation_limit:
                    return None
            last = leases.aggregate(last=Max("number"))["last"] or 0
            lease: Lease = leases.filter(token__isnull=True).order_by("number").first() or (
                self.model(job_id=job_id, number=last + 1)
            )
            lease.token = secrets.randbits(62)
            lease.fenced = False
            lease.host, lease.machine = host, warden.machine
            lease.warden_pid, lease.warden_started = warden.pid, warden.started
            lease.executor_pid, lease.executor_started = executor.pid, executor.started
            lease.cluster_pid = cluster_pid
            lease.held_since = timezone.now()
            lease.beat = 0
            lease.rate = lease.item_seconds = 0.0
            lease.streak, lease.streak_message = 0, ""
            lease.current_item = lease.current_since = None
            lease.first_position = lease.last_position = None
            lease.save()
            if job.prepared and job.status == JobStatus.QUEUED:
                jobs.move(job_id, Move.BEGIN, started_at=job.started_at or lease.held_since)
        return lease

    def heartbeat(self, token: int) -> bool:
        """Show that the holder lives; False if the place is not its own any more."""
        return bool(self.filter(token=token).update(beat=F("beat") + 1))

    def is_fenced(self, token: int) -> bool:
        return self.filter(token=token, fenced=True).exists()

    def give_back(self, lease_id: int, token: int, verdict: Verdict) -> GivenBack | None:
        """Free a place and the items it holds; None if it is not held with this token.

        Safe to call by several sweepers at once and again: only one of them wins.
        """
        with transaction.atomic():
            lease = self.select_for_update().filter(pk=lease_id, token=token).first()
            if lease is None:
                return None
            held = _rows("JobItem").held_by(lease)
            item = held.filter(pk=lease.current_item).first() if lease.current_item else None
            failed = False
            if item is not None and verdict.charge:
                item.attempts += 1
                failed = verdict.final or item.attempts >= verdict.attempts
                lease.sequence += failed
                lease.failed += failed
                self._end_try(lease, item, verdict.failure if failed else None)
            released = held.update(status=ItemStatus.PENDING, claim=None, started_at=None)
            lease.token = lease.current_item = lease.current_since = None
            lease.first_position = lease.last_position = None
            lease.group_succeeded = lease.group_failed = 0
            lease.rate = 0.0
            lease.streak, lease.streak_message = 0, ""
            lease.save()
        return GivenBack(item, failed, released)

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
        """The numbers of each job, from its few lease rows, in one query and one snapshot."""
        rows = (
            self.filter(job_id__in=job_ids)
            .values("job_id")
            .annotate(
                succeeded=Sum(F("succeeded") + F("group_succeeded")),
                failed=Sum(F("failed") + F("group_failed")),
                in_flight=Count("id", filter=Q(current_item__isnull=False)),
                workers=Count("id", filter=Q(token__isnull=False)),
                item_seconds=Avg("item_seconds", filter=Q(item_seconds__gt=0)),
                rate=Sum("rate", filter=Q(token__isnull=False, fenced=False)),
            )
        )
        return {row["job_id"]: row for row in rows}


class EventQuerySet(models.QuerySet):
    def record(self, job_id: uuid.UUID, kind: str, entry: Entry) -> None:
        """Append one event. In a transaction with what it tells of."""
        self.create(
            job_id=job_id,
            kind=kind,
            source=entry.source,
            actor_id=entry.actor_id,
            actor_name=entry.actor_name,
            message=entry.message,
        )
