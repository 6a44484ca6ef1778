"""Which job needs a worker most: workers go round persons first, then round a person's jobs."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from django.db import models
from django.db.models import Case, Count, F, Max, OuterRef, Q, QuerySet, Subquery, Value, When

from jobs import operations
from jobs.backends import CompiledQuery, persons_by_turn
from jobs.models import Job, JobItem, Lease
from jobs.states import RUNNABLE, ItemStatus

NEXT_JOBS = 50


def needing_workers(
    jobs: QuerySet[Job] | None = None, *, leaving: str | None = None
) -> QuerySet[Job]:
    """Those of `jobs` (all by default) that could use one more worker now.

    Those with the fewest workers come first, among equals the one that was served longest ago.
    A job needs no worker if its operation has reached its limit of workers, unless one of them
    is `leaving` its present job of this operation; and none of ours if this process does not
    know its operation, which others may know while a release is being deployed. A lease may
    still be refused (`leases.acquire`), as several workers ask at the same time. Annotations:
    `held`, `served_at`.
    """
    unclaimed = JobItem.objects.filter(job=OuterRef("pk"), lease_token__isnull=True)
    first_unclaimed = Subquery(unclaimed.by_status(ItemStatus.PENDING).values("pk")[:1])
    return (
        (Job.objects.all() if jobs is None else jobs)
        .filter(status__in=RUNNABLE, operation__in=operations.known_names())
        .annotate(
            held=Count("leases", filter=Q(leases__token__isnull=False, leases__fenced=False)),
            served_at=Max("leases__served_at"),
        )
        .alias(first_unclaimed=first_unclaimed)
        .filter(Q(prepared=False, held=0) | Q(prepared=True, first_unclaimed__isnull=False))
        .filter(Q(max_workers__isnull=True) | Q(held__lt=F("max_workers")))
        .exclude(_at_worker_limit(leaving))
        .order_by("held", F("served_at").asc(nulls_first=True), "created_at")
    )


def next_jobs() -> Iterator[Job]:
    """The jobs that need a worker, the one that needs it most first.

    First come the jobs of the person with the fewest workers, among such persons of the one who
    was served longest ago: so a person with many jobs keeps nobody waiting. At most NEXT_JOBS of
    each person, in the order of `needing_workers`.
    """
    for person in persons_by_turn():
        yield from _jobs_of(person.id)


def any_job_needs_worker() -> bool:
    """Return True if some job could use one more worker now."""
    return next(next_jobs(), None) is not None


def is_needed_elsewhere(job: Job) -> bool:
    """Return True if another job needs a worker of this one more.

    That is a job of a person without a worker, or with two workers fewer than this job's person;
    then a job of the same person, by the same rule.
    """
    persons = persons_by_turn()
    ours = sum(person.workers for person in persons if person.id == job.created_by_id)
    for person in persons:
        another = person.id != job.created_by_id and _has_too_few(person.workers, ours)
        # The worker's own slot is free for another job of the operation once it has left.
        if another and _jobs_of(person.id, leaving=job.operation):
            return True
    own = _jobs_of(job.created_by_id, leaving=job.operation)
    other: Any = next((found for found in own if found.pk != job.pk), None)
    if other is None:
        return False
    return _has_too_few(other.held, Lease.objects.held().filter(job=job, fenced=False).count())


def _has_too_few(theirs: int, ours: int) -> bool:
    """Return True if one of our workers should go there."""
    return theirs == 0 or theirs + 1 < ours


def _jobs_of(person: Any, leaving: str | None = None) -> list[Job]:
    """The first NEXT_JOBS of the person's jobs that need a worker.

    All processes of a cluster ask for them all the time, so the statement is compiled once; an
    executor inherits it from its worker.
    """
    limits = tuple(operations.worker_limits().items())
    if leaving not in dict(limits):
        leaving = None  # the statement is the same
    query = _compiled(operations.known_names(), limits, leaving, person is None)
    return query.fetch() if person is None else query.fetch(person)


_PERSON = -987_654_321
"""Stands for the person's key in the statement."""


@lru_cache(maxsize=32)
def _compiled(
    known: tuple[str, ...], limits: tuple[tuple[str, int], ...], leaving: str | None, nobody: bool
) -> CompiledQuery[Job]:
    """`known` and `limits` decide how the statement looks."""

    def make() -> QuerySet[Job]:
        person: Any = {"created_by__isnull": True} if nobody else {"created_by": Value(_PERSON)}
        return needing_workers(Job.objects.filter(**person), leaving=leaving)[:NEXT_JOBS]

    return CompiledQuery(make, placeholder=None if nobody else _PERSON)


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
