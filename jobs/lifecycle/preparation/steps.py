"""The progress of a preparation: one conditional UPDATE of the job with every batch."""

from typing import Any, TypedDict

from jobs.models import Job
from jobs.states import RUNNABLE

BATCH = 5_000
"""Items of one transaction: some tens of milliseconds, which a cancel may have to wait."""


class Preparation(TypedDict, total=False):
    """`Job.preparation`: what has to be prepared, and how far it is. See the package."""

    kind: str
    step: str
    after: Any
    search: str
    status: str
    kinds: list[str]
    skip_changed: bool
    check: bool
    error: str
    digest: str


CHECK: Preparation = {"kind": "check", "after": -1}
"""Skip the pending items whose files have changed."""


class PreparationLost(Exception):
    """The job was cancelled or paused, or another worker prepares it; nothing was written."""


def advance(job: Job, following: Preparation | None, **fields: Any) -> bool:
    """Write the next step, if the job may continue and no other worker has advanced it.

    True if there is none (`following` is None): the job is prepared. Raises PreparationLost.

    A worker that stood still for long, or whose job was cancelled and resumed meanwhile, comes
    back with what it knew; the steps of a retry are no longer true then.
    """
    fields |= {"preparation": following or {}, "prepared": following is None}
    won = Job.objects.filter(
        pk=job.pk,
        status__in=RUNNABLE,
        prepared=False,
        total_items=job.total_items,
        preparation=job.preparation,
    ).update(**fields)
    if not won:
        raise PreparationLost
    job.refresh_from_db(fields=list(fields))
    return job.prepared
