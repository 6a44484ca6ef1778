"""Which job needs a worker most."""

from functools import lru_cache

from django.db import models
from django.db.models import Case, Count, F, Max, OuterRef, Q, QuerySet, Subquery, When

from jobs import operations
from jobs.backends import CompiledQuery
from jobs.models import Job, JobItem, Lease
from jobs.states import RUNNABLE, ItemStatus

NEXT_JOBS = 50


def needing_workers(*, leaving: str | None = None) -> QuerySet[Job]:
    """The jobs that could use one more worker now, those with the fewest workers first.

    Among equals the job that was served longest ago comes first. A job needs no worker if its
    operation has reached its limit of workers, unless one of them is `leaving` its present job
    of this operation. A lease may still be refused (`leases.acquire`), as several workers ask
    at the same time. Annotations: `held`, `served_at`.
    """
    unclaimed = JobItem.objects.filter(job=OuterRef("pk"), lease_token__isnull=True)
    first_unclaimed = Subquery(unclaimed.by_status(ItemStatus.PENDING).values("pk")[:1])
    return (
        Job.objects.filter(status__in=RUNNABLE)
        .annotate(
            held=Count("leases", filter=Q(leases__token__isnull=False, leases__fenced=False)),
            served_at=Max("leases__acquired_at"),
        )
        .alias(first_unclaimed=first_unclaimed)
        .filter(Q(prepared=False, held=0) | Q(prepared=True, first_unclaimed__isnull=False))
        .filter(Q(max_workers__isnull=True) | Q(held__lt=F("max_workers")))
        .exclude(_at_worker_limit(leaving))
        .order_by("held", F("served_at").asc(nulls_first=True), "created_at")
    )


def next_jobs() -> list[Job]:
    """The first NEXT_JOBS of `needing_workers`.

    All processes of a cluster ask for them all the time, so the statement is compiled once; an
    executor inherits it from its worker.
    """
    return _next_jobs(tuple(operations.worker_limits().items())).fetch()


def any_job_needs_worker() -> bool:
    """Return True if some job could use one more worker now."""
    return bool(next_jobs())


@lru_cache(maxsize=8)
def _next_jobs(limits: tuple[tuple[str, int], ...]) -> CompiledQuery[Job]:
    """`limits` decides how the statement looks."""
    return CompiledQuery(lambda: needing_workers()[:NEXT_JOBS])


def _at_worker_limit(leaving: str | None) -> Q:
    """The jobs of operations that have as many workers as they may have.

    Counts as `leases.acquire` does, within the query; matches nothing if there are no limits.
    """
    limits = operations.worker_limits()
    if not limits:
        return Q(pk__in=())
    cases = [
        When(job__operation=name, then=limit + (name == leaving)) for name, limit in limits.items()
    ]
    # A lease that is not fenced belongs to a runnable job: an index finds these few jobs.
    held = Lease.objects.held().filter(fenced=False, job__status__in=RUNNABLE)
    held = held.filter(job__operation__in=limits)
    counted = held.order_by().values("job__operation").annotate(workers=Count("pk"))
    full = counted.filter(workers__gte=Case(*cases, output_field=models.IntegerField()))
    return Q(operation__in=full.values("job__operation"))
