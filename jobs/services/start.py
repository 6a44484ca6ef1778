"""Starts jobs."""

import logging
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from jobs import conf, operations, preparation
from jobs.enqueue import hint
from jobs.exceptions import NoFiles
from jobs.models import Job, JobEvent
from jobs.services.access import Actor
from jobs.services.limits import check_limits
from jobs.services.plan import Selection, plan_items
from jobs.signals import job_started, send_on_commit

logger = logging.getLogger(__name__)

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
    """Make a job and let the workers know.

    files          library paths, processed in this order, each once
    all            every file of the library, by path
    unprocessed    those whose last item did not end, or that never had one
    search         those whose path contains this text
    max_workers    at most so many workers at once, 1 to 32,767
    failure_limit  the job fails when more items than this have failed, 0 to 2,147,483,647

    Up to JOBS_PREPARE_ITEMS items are there when this returns; a larger job comes back
    as `queued` with `prepared` false, and a worker makes the rest before the first starts.

    Raises BadLimits, UnknownOperation, BadParameters, BadSelection, OwnItems, NoFiles,
    UnknownFiles, BadItems. Nothing is left behind then.
    """
    check_limits(max_workers=max_workers, failure_limit=failure_limit)
    kind = operations.get(operation)
    selection = Selection(None if files is None else list(files), all, unprocessed, search)
    cleaned = kind.clean_parameters(parameters or {})
    plan = plan_items(kind, selection, cleaned)
    with transaction.atomic():
        job = Job.objects.create(
            operation=kind.name,
            label=kind.label or kind.name,
            parameters=cleaned,
            selection=plan.selection,
            preparation=plan.preparation,
            prepared=plan.keys is not None,
            total_items=len(plan.keys or ()),
            max_workers=max_workers,
            failure_limit=failure_limit,
            created_by_id=actor.user_id,
        )
        if plan.keys is not None:
            preparation.add_keys(job.pk, 0, plan.keys, indexed=plan.indexed)
        elif plan.preparation["kind"] == "library":
            preparation.prepare_batch(job, conf.get("PREPARE_ITEMS"))
            if not job.total_items:
                raise NoFiles
        files_so_far = f"{job.total_items:,} items" + ("" if job.prepared else " so far")
        JobEvent.objects.record(job.pk, "start", actor.entry(f"{job.label}: {files_so_far}"))
        send_on_commit(job_started, Job, lambda: {"job": job, "source": actor.source})
        hint(min(conf.workers(), job.max_workers or conf.workers(), max(1, job.total_items)))
    logged = {"job": job.pk, "operation": job.operation, "source": actor.source}
    logger.info("job start", extra=logged)
    return job
