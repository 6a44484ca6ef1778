"""The writer of leases: who holds a place in a job, and what becomes of what a dead one held.

Locks are taken in the order of `jobs.querysets`: job, lease, items, library files.
"""

from __future__ import annotations

import secrets
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.models import F, Max
from django.utils import timezone

from jobs.prepared import adapted
from jobs.states import RUNNABLE, ItemStatus, JobStatus, Move

if TYPE_CHECKING:
    # Only for the types: models import this module.
    from jobs.models import JobItem, Lease
    from jobs.processes import ProcessIdentity
    from jobs.querysets import JobQuerySet


def _rows(model: str) -> Any:
    """The manager of a sister model; looked up late, because `models` imports this module."""
    return apps.get_model("jobs", model)._default_manager


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
            lease.beat, lease.beat_at = 0, lease.held_since
            lease.rate = lease.item_seconds = 0.0
            lease.streak, lease.streak_message = 0, ""
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
            lease.beat_at = timezone.now()
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
        """The numbers of each job, from its few lease rows, in one query and one snapshot.

        Keys: succeeded, failed, in_flight, workers (places that are held), rate (items a
        second), item_seconds (of a usual item, None if unknown), running (key of each item
        that runs, and since when in seconds since the epoch; the longest first), lanes (how
        many items each has ever finished, by number). A job without leases is left out.
        """
        if not job_ids:
            return {}
        asked = {adapted(job_id): job_id for job_id in job_ids}
        # By hand: a hundred pages may ask for this twice a second.
        with connection.cursor() as cursor:
            cursor.execute(_TALLY.format(", ".join(["%s"] * len(asked))), list(asked))
            rows = cursor.fetchall()
        by_job: dict[uuid.UUID, list[tuple[Any, ...]]] = {}
        for job_id, *rest in rows:
            by_job.setdefault(asked[job_id], []).append(tuple(rest))
        return {job_id: _tally(leases) for job_id, leases in by_job.items()}


_TALLY = """
SELECT lease.job_id, lease.number, lease.sequence,
       lease.succeeded + lease.group_succeeded, lease.failed + lease.group_failed,
       lease.token IS NOT NULL, lease.token IS NOT NULL AND NOT lease.fenced,
       lease.rate, lease.item_seconds, lease.current_item, lease.current_since, item.key
FROM jobs_lease AS lease LEFT JOIN jobs_jobitem AS item ON item.id = lease.current_item
WHERE lease.job_id IN ({}) ORDER BY lease.current_since, lease.number
"""


def _tally(leases: list[tuple[Any, ...]]) -> dict[str, Any]:
    usual = [seconds for *_, seconds, _, _, _ in leases if seconds]
    running = [(key, since) for *_, current, since, key in leases if current is not None]
    return {
        "succeeded": sum(lease[2] for lease in leases),
        "failed": sum(lease[3] for lease in leases),
        "in_flight": len(running),
        "workers": sum(bool(lease[4]) for lease in leases),
        "rate": sum(lease[6] for lease in leases if lease[5]),
        "item_seconds": sum(usual) / len(usual) if usual else None,
        "running": [(key, since) for key, since in running if key is not None],
        "lanes": dict(sorted((lease[0], lease[1]) for lease in leases)),
    }


def _lock_operation(name: str) -> None:
    """Let only one transaction at a time count the workers of an operation.

    SQLite has a single writer anyway.
    """
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"jobs.{name}"])
