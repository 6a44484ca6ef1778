"""Operations that no live cluster knows: who lacks them, and when their jobs are held.

A worker leaves such a job alone, since another one may know its operation: during a deploy, or
where one machine lacks a setting. Only a job that nobody knows for long is paused.
"""

import logging
from collections.abc import Collection, Iterable
from time import monotonic
from uuid import UUID

from django.db.models import Exists, OuterRef

from jobs import operations
from jobs.cluster.registry import fetch_live_clusters
from jobs.conf import conf
from jobs.lifecycle import transitions
from jobs.models import Cluster, EventEntry, Job, Lease
from jobs.states import RUNNABLE, Transition

logger = logging.getLogger(__name__)

CHECK_SECONDS = 2.0
NAMED_HOSTS = 5
ADVICE = "Give the workers the app or the OPERATIONS_FILE that has it"


def unknown_to_all(names: Iterable[str], clusters: Collection[Cluster]) -> dict[str, str]:
    """A sentence without full stop for each of these operations that none of the clusters knows.

    A cluster of a release that does not report its operations may know all.
    """
    if any(cluster.operations is None for cluster in clusters):
        return {}
    missing = set(names).difference(*(cluster.operations or () for cluster in clusters))
    where = _hosts(clusters) if missing else ""
    return {
        name: f"No worker here knows the operation “{name}”{where}. {ADVICE}" for name in missing
    }


class UnknownOperations:
    """Pauses the jobs whose operations nobody knows for JOBS_UNKNOWN_OPERATION_SECONDS.

    Counted from when this process has first noticed it, by its monotonic clock.
    """

    def __init__(self) -> None:
        self._since: dict[UUID, float] = {}
        self._check_at = 0.0

    def check(self) -> None:
        """Pause what is due; does nothing if the last check was less than CHECK_SECONDS ago."""
        now = monotonic()
        if now < self._check_at or not conf.UNKNOWN_OPERATION_SECONDS:
            return
        self._check_at = now + CHECK_SECONDS
        unknown = self._unknown_jobs()
        self._since = {job_id: self._since.get(job_id, now) for job_id in unknown}
        for job_id, sentence in unknown.items():
            if now - self._since[job_id] >= conf.UNKNOWN_OPERATION_SECONDS:
                _hold(job_id, f"{sentence}, then resume the job.")

    def _unknown_jobs(self) -> dict[UUID, str]:
        """Why nobody serves them, by the job's id. A job with a worker is known to somebody."""
        worker = Lease.objects.held().filter(job=OuterRef("pk"))
        jobs = Job.objects.filter(~Exists(worker), status__in=RUNNABLE).order_by()
        jobs = jobs.exclude(operation__in=operations.known_names())
        found = dict(jobs.values_list("pk", "operation"))
        if not found:
            return {}
        sentences = unknown_to_all(found.values(), fetch_live_clusters())
        return {job_id: sentences[name] for job_id, name in found.items() if name in sentences}


def _hold(job_id: UUID, notice: str) -> None:
    entry = EventEntry("engine", message=notice)
    if transitions.transition(job_id, Transition.PAUSE, entry, wait=False, notice=notice):
        logger.warning("job paused: %s", notice, extra={"job": job_id})


def _hosts(clusters: Iterable[Cluster]) -> str:
    hosts = sorted({cluster.host for cluster in clusters})
    more = f" and {len(hosts) - NAMED_HOSTS:,} more" if len(hosts) > NAMED_HOSTS else ""
    return f", on host {', '.join(hosts[:NAMED_HOSTS])}{more}" if hosts else ""
