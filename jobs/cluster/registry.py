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


def any_cluster_lives() -> bool:
    """Return True if there is one of `live_clusters`; cheap enough for every poll."""
    return bool(_ANY_LIVE.fetch())


_ANY_LIVE = CompiledQuery(lambda: live_clusters()[:1])


def progress_marker(cluster_pids: Collection[int] | None = None) -> int:
    """A number that changes whenever a worker starts an item or sends a heartbeat.

    It also changes every few seconds while a worker runs a task of the host project.

    `cluster_pids`: only workers of these processes of this machine. A cluster whose pool is dead
    must be noticed although clusters elsewhere make progress.
    """
    held, clusters = Lease.objects.held(), Cluster.objects.all()
    if cluster_pids is not None:
        held = held.filter(machine=machine_id(), cluster_pid__in=cluster_pids)
        clusters = clusters.filter(machine=machine_id(), sentinel_pid__in=cluster_pids)
    steps = Sum(F("sequence") + F("heartbeats") + F("batch_succeeded") + F("batch_failed"))
    sums = held.aggregate(steps=steps, leases=Count("pk"))
    reports = clusters.aggregate(busy=Sum("busy_reports"))["busy"] or 0
    return (sums["steps"] or 0) + sums["leases"] + reports


def record_cluster_replaced(reason: str) -> None:
    """Record it in the events of every job that needs a worker."""
    for job_id in needing_workers().values_list("pk", flat=True):
        JobEvent.objects.record(job_id, "cluster_replaced", EventEntry("engine", message=reason))
