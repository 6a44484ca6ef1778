"""How far a preparation is: one conditional UPDATE of the job, with every batch."""

from typing import Any

from jobs.models import Job
from jobs.states import RUNNABLE

CHECK = {"kind": "check", "after": -1}
"""Leave out the pending items whose files are others now."""


class NotAllowed(Exception):
    """The job was cancelled, paused or taken over meanwhile; the batch was not written."""


def advance(job: Job, preparation: dict[str, Any], *, done: bool, **fields: Any) -> None:
    """Write how far it is, if the job may go on and nobody else has carried on with it.

    Somebody may have: a worker that was held up for long, or whose job was cancelled and
    resumed meanwhile, comes back with what it knew. A retry's steps are no longer true then.
    """
    fields |= {"preparation": {} if done else preparation, "prepared": done}
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
