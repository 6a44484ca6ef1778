"""How far a preparation is: one conditional UPDATE of the job, with every batch."""

from typing import Any

from jobs.models import Job
from jobs.states import RUNNABLE

BATCH = 5_000
"""Items of one transaction: some tens of milliseconds, which a cancel may have to wait."""

CHECK = {"kind": "check", "after": -1}
"""Leave out the pending items whose files are others now."""


class NotAllowed(Exception):
    """The job was cancelled, paused or taken over meanwhile; the batch was not written."""


def advance(job: Job, following: dict[str, Any] | None, **fields: Any) -> bool:
    """Write what comes next, if the job may go on and nobody else has carried on with it.

    True if nothing does (`following` is None): the job is prepared. Raises NotAllowed.

    Somebody may have: a worker that was held up for long, or whose job was cancelled and
    resumed meanwhile, comes back with what it knew. A retry's steps are no longer true then.
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
        raise NotAllowed
    job.refresh_from_db(fields=list(fields))
    return job.prepared
