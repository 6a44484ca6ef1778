"""Starts jobs, within the limits that a job's row can hold."""

import logging
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from jobs import backends
from jobs.cluster.notifier import notify_workers
from jobs.conf import conf
from jobs.exceptions import BadLimits
from jobs.library.outcomes import use
from jobs.lifecycle import preparation
from jobs.models import Job, JobEvent
from jobs.services.access import Actor
from jobs.services.limits import check_active_jobs
from jobs.services.plan import no_files, plan_job
from jobs.signals import job_started, send_on_commit

logger = logging.getLogger(__name__)

MAX_WORKERS = (1, 32_767)
"""With 0 workers a job would wait forever."""

FAILURE_LIMIT = (0, 2_147_483_647)

_ACTORLESS = Actor()


def start_job(
    operation: str,
    *,
    parameters: dict[str, Any] | None = None,
    files: Iterable[str] | None = None,
    all: bool = False,  # noqa: A002 (the word of the API)
    unprocessed: bool = False,
    search: str | None = None,
    actor: Actor = _ACTORLESS,
    max_workers: int | None = None,
    failure_limit: int | None = None,
) -> Job:
    """Create a job and notify the workers.

    files          library paths, processed in this order, each once
    all            every file of the library, by path
    unprocessed    files for which no item of this operation has ended since they changed last
    search         files whose path contains this text
    max_workers    the largest number of workers at once, 1 to 32,767
    failure_limit  the job fails when more items than this have failed, 0 to 2,147,483,647

    Up to JOBS_INLINE_ITEMS items exist when this returns. A larger job is returned as `queued`
    with `prepared` false, and a worker creates the rest before the first item starts.

    Raises BadLimits, UnknownOperation, BadParameters, BadSelection, OperationListsItems, NoFiles,
    UnknownFiles, BadItems, TooManyJobs. Nothing is left behind in that case.
    """
    _check_limits(
        max_workers=(max_workers, *MAX_WORKERS), failure_limit=(failure_limit, *FAILURE_LIMIT)
    )
    plan = plan_job(
        operation, parameters, files=files, all=all, unprocessed=unprocessed, search=search
    )
    if plan.kind.uses_library:
        use(plan.kind.name, plan.kind.kinds)
    with transaction.atomic():
        check_active_jobs(actor.user_id)
        job = Job.objects.create(
            operation=plan.kind.name,
            label=plan.label,
            parameters=plan.parameters,
            parameters_digest=plan.kind.parameters_digest(),
            selection=plan.selection,
            preparation=plan.preparation,
            prepared=plan.keys is not None,
            total_items=len(plan.keys or ()),
            max_workers=max_workers,
            failure_limit=failure_limit,
            created_by_id=actor.user_id,
        )
        if plan.keys is not None:
            backends.current().insert_items(job.pk, 0, plan.keys, indexed=plan.kind.uses_library)
        elif plan.preparation["kind"] == "library":
            preparation.prepare_batch(job, conf.INLINE_ITEMS)
            if not job.total_items:
                raise no_files(plan)
        files_so_far = f"{job.total_items:,} items" + ("" if job.prepared else " so far")
        JobEvent.objects.record(job.pk, "start", actor.entry(f"{job.label}: {files_so_far}"))
        send_on_commit(job_started, Job, lambda: {"job": job, "source": actor.source})
        notify_workers(min(conf.workers, job.max_workers or conf.workers, max(1, job.total_items)))
    extra = {"job": job.pk, "operation": job.operation, "source": actor.source}
    logger.info("job start", extra=extra)
    return job


def _check_limits(**limits: tuple[int | None, int, int]) -> None:
    """Raise BadLimits, which names each field outside its range. None means no limit."""
    wrong = {
        name: [f"Give a whole number from {least:,} to {most:,}."]
        for name, (value, least, most) in limits.items()
        # A boolean is no number here, although Python counts with it.
        if not (value is None or (type(value) is int and least <= value <= most))
    }
    if wrong:
        message = " ".join(f"{name}: {sentence}" for name, (sentence,) in wrong.items())
        raise BadLimits(message, fields=wrong)
