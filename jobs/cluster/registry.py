"""Which clusters are present, and whether their workers make progress."""

from collections.abc import Collection
from datetime import timedelta

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import Now
from django_q.conf import Conf

from jobs.backends import CompiledQuery
from jobs.lifecycle.scheduling import needing_workers
from jobs.models import Cluster, EventEntry, JobEvent, Lease
from jobs.processes.identity import machine_id

PRESENCE_SECONDS = 10
"""A cluster reports every two seconds; one without a report for this long counts as gone.

Both times are the database's: the clocks of machines may differ by more than that."""


def live_clusters() -> QuerySet[Cluster]:
    """The clusters that have reported lately and are not stopping."""
    since = Now() - timedelta(seconds=PRESENCE_SECONDS)
    stopping = (str(Conf.STOPPING), str(Conf.STOPPED))
    return Cluster.objects.filter(seen_at__gte=since).exclude(status__in=stopping)


def fetch_live_clusters() -> list[Cluster]:
    """The rows of `live_clusters`, cheap enough for every poll."""
    return _LIVE.fetch()


_LIVE = CompiledQuery(live_clusters)


def progress_marker(cluster_pids: Collection[int] | None = None) -> int:
    """A number that changes whenever a worker starts an item or sends a heartbeat.

    `cluster_pids`: only workers of these processes of this machine. A cluster whose pool is dead
    must be noticed although clusters elsewhere make progress.
    """
    held = Lease.objects.held()
    if cluster_pids is not None:
        held = held.filter(machine=machine_id(), cluster_pid__in=cluster_pids)
    steps = Sum(F("sequence") + F("heartbeats") + F("batch_succeeded") + F("batch_failed"))
    sums = held.aggregate(steps=steps, leases=Count("pk"))
    return (sums["steps"] or 0) + sums["leases"]


def record_cluster_replaced(reason: str) -> None:
    """Record it in the events of every job that needs a worker."""
    for job_id in needing_workers().values_list("pk", flat=True):
        JobEvent.objects.record(job_id, "cluster_replaced", EventEntry("engine", message=reason))
