"""The writer: every change of a job's status and of who holds a place in a job.

Each is one conditional UPDATE, or a short transaction around one, and says whether it won.
Locks are taken in one order everywhere: job, lease, items, library files.
What happens once per item is in `jobs.ledger`, in SQL by hand.
"""

from __future__ import annotations

import logging
import uuid
from dataclasses import dataclass
from functools import lru_cache
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db import models, transaction
from django.db.models import Case, Count, F, Max, OuterRef, Q, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from jobs import conf, gates, operations
from jobs.prepared import Prepared
from jobs.signals import job_cancelled, job_finished, send_on_commit
from jobs.states import ENDED, MOVES, OPEN, RUNNABLE, ItemStatus, JobStatus, Move

if TYPE_CHECKING:
    # Only for the types: models import this module.
    from jobs.models import Job, JobItem, Lease  # noqa: F401


logger = logging.getLogger(__name__)


def _rows(model: str) -> Any:
    """The manager of a sister model; looked up late, because `models` imports this module."""
    return apps.get_model("jobs", model)._default_manager


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

    def change(
        self, job_id: uuid.UUID, move: Move, entry: Entry, *, wait: bool = True, **fields: Any
    ) -> bool:
        """A move with its fence and its event, in one transaction.

        `wait`: for a worker that is held up in a start. Not in a transaction of the caller's,
        whose locks keep all others waiting too: then gates.HeldUp is raised at once.

        Once this has returned True for a move out of the runnable statuses, no worker
        starts another item: a start is an UPDATE of the worker's own lease row that
        demands `fenced = false` (on SQLite a step through `jobs.gates`), and here the same
        rows are set. Leases taken later need the job row, which is locked until the commit,
        and then see its new status.
        """
        if MOVES[move].target in ENDED:
            fields.setdefault("finished_at", timezone.now())
        if MOVES[move].target not in RUNNABLE:
            # A job that was paused and is then cancelled has rested since the pause.
            now = Value(timezone.now(), models.DateTimeField())
            runs = When(status=JobStatus.PROCESSING, then=now)
            fields.setdefault("rests_since", Case(runs, default=Coalesce("rests_since", now)))
        give_up_at = monotonic() + 2 * conf.get("LEASE_SECONDS")
        while True:
            try:
                won = self._change(job_id, move, entry, fields)
                break
            except gates.HeldUp:
                # Its warden ends it after JOBS_LEASE_SECONDS; until then others may write.
                if not wait or monotonic() > give_up_at:
                    raise
                sleep(0.05)
        if not won:
            return False
        told = {"job": job_id, "by": entry.actor_name or "-", "source": entry.source}
        logger.info("job %s", move, extra=told)
        return True

    @transaction.atomic
    def _change(self, job_id: uuid.UUID, move: Move, entry: Entry, fields: dict[str, Any]) -> bool:
        if not self.move(job_id, move, **fields):
            return False
        if MOVES[move].target not in RUNNABLE:
            _rows("Lease").fence(job_id)
        else:
            _rows("Lease").forget_streaks(job_id)
        _rows("JobEvent").record(job_id, str(move), entry)
        self._announce(job_id, move, entry)
        return True

    def _announce(self, job_id: uuid.UUID, move: Move, entry: Entry) -> None:
        """Tell other code, once it is committed."""
        if move is Move.CANCEL:
            send_on_commit(
                job_cancelled,
                self.model,
                lambda: {"job": self.get(pk=job_id), "source": entry.source},
            )
        elif MOVES[move].target in ENDED:
            send_on_commit(job_finished, self.model, lambda: {"job": self.get(pk=job_id)})

    def complete_if_done(self, job_id: uuid.UUID, *, wait: bool = True) -> bool:
        """Complete the job if nothing is left to process; True if this call did it.

        Not while somebody holds a place: its last items may have passed the failure limit, and
        it is about to say so. Whoever gives back the last place asks again. Without `wait`
        not while somebody else has locked the row either: for who comes again.
        """
        with transaction.atomic():
            # The lock makes the last of several workers see what the others have committed.
            rows = self.select_for_update(skip_locked=not wait)
            job = rows.filter(pk=job_id, status__in=RUNNABLE).first()
            if job is None or not job.prepared:
                return False
            if job.leases.held().exists():
                return False
            if any(job.items.by_status(status)[:1] for status in OPEN):
                return False
            return self.change(job_id, Move.COMPLETE, Entry("engine"))

    def with_work(self, *, leaving: str | None = None) -> JobQuerySet:
        """Jobs that could use one more worker now, those with the fewest workers first.

        Among equals the one that was served longest ago comes first. A job whose operation has
        all the workers that it may have needs none, unless one of them is `leaving` its present
        job of this operation. Who takes a place may still be refused it (`Lease.acquire`):
        others look at the same moment. Annotations: `held`, `served_at`.
        """
        items = _rows("JobItem").filter(job=OuterRef("pk"), claim__isnull=True)
        free_item = Subquery(items.by_status(ItemStatus.PENDING).values("pk")[:1])
        return (
            self.filter(status__in=RUNNABLE)
            .annotate(
                held=Count("leases", filter=Q(leases__token__isnull=False, leases__fenced=False)),
                served_at=Max("leases__held_since"),
            )
            .alias(free_item=free_item)
            .filter(Q(prepared=False, held=0) | Q(prepared=True, free_item__isnull=False))
            .filter(Q(max_workers__isnull=True) | Q(held__lt=F("max_workers")))
            .exclude(_at_their_limit(leaving))
            .order_by("held", F("served_at").asc(nulls_first=True), "created_at")
        )


def _at_their_limit(leaving: str | None) -> Q:
    """The jobs of operations that have all the workers that they may have.

    Counted as `Lease.acquire` does, within the query itself; nothing if no operation has a limit.
    """
    limits = operations.worker_limits()
    if not limits:
        return Q(pk__in=())
    at = [
        When(job__operation=name, then=limit + (name == leaving)) for name, limit in limits.items()
    ]
    # A place that is not fenced is in a runnable job: that finds the few jobs by an index.
    held = _rows("Lease").held().filter(fenced=False, job__status__in=RUNNABLE)
    held = held.filter(job__operation__in=limits)
    counted = held.order_by().values("job__operation").annotate(workers=Count("pk"))
    full = counted.filter(workers__gte=Case(*at, output_field=models.IntegerField()))
    return Q(operation__in=full.values("job__operation"))


class JobManager(models.Manager.from_queryset(JobQuerySet)):  # type: ignore[misc]
    """The jobs that are there. A deleted one is in no list and cannot be moved, from the
    moment of its deletion on, however long it takes to remove its rows."""

    def get_queryset(self) -> JobQuerySet:
        return super().get_queryset().filter(deleted_at__isnull=True)

    def first_with_work(self) -> list[Job]:
        """The first 50 of `with_work`, as all processes of a cluster ask for them all the time.

        An executor inherits the statement from its worker.
        """
        return _first_with_work(tuple(operations.worker_limits().items())).fetch()


@lru_cache(maxsize=8)
def _first_with_work(limits: tuple[tuple[str, int], ...]) -> Prepared[Job]:
    """`limits`: which operations have one decides how the statement looks."""
    return Prepared(lambda: _rows("Job").with_work()[:50])


class DeletedJobManager(models.Manager["Job"]):
    """The deleted jobs whose rows have not all been removed yet."""

    def get_queryset(self) -> models.QuerySet[Job]:
        return super().get_queryset().filter(deleted_at__isnull=False)


class ItemQuerySet(models.QuerySet["JobItem"]):
    def by_status(self, status: ItemStatus) -> ItemQuerySet:
        """Items of one stored status, in the job's order.

        Written as a range and ordered by both, so that only the index of status and position
        can serve it. With `status = …` PostgreSQL may think that most rows are so, and walk
        over all that are not any more.
        """
        return self.filter(status__gte=status, status__lte=status).order_by("status", "position")

    def held_by(self, lease: Lease) -> ItemQuerySet:
        """The items that the lease has claimed: found by its range, without an index on claims."""
        return self.filter(
            job_id=lease.job_id,
            position__range=(lease.first_position, lease.last_position),
            claim=lease.token,
        )


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
