"""Which clusters are present, and whether their workers make progress."""

from collections.abc import Collection
from datetime import timedelta

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Now
from django_q.conf import Conf

from jobs.backends import CompiledQuery
from jobs.lifecycle.scheduling import needing_workers
from jobs.models import Cluster, EventEntry, JobEvent, Lease
from jobs.processes import clock
from jobs.processes.identity import machine_id

PRESENCE_SECONDS = 10
"""A cluster reports every two seconds; one without a report for this long counts as gone.

On its own machine by the seconds since the boot, which no change of the date moves. Elsewhere by
the database's clock: the clocks of machines may differ by more than that."""


def live_clusters() -> QuerySet[Cluster]:
    """The clusters that have reported lately and are not stopping."""
    presence = timedelta(seconds=PRESENCE_SECONDS)
    boot, since = _here()
    here = Q(boot=boot, seen_seconds__gte=since)
    recent = Q(seen_at__gte=Now() - presence, seen_at__lte=Now() + presence)
    stopping = (str(Conf.STOPPING), str(Conf.STOPPED))
    return Cluster.objects.filter(here | (recent & ~Q(boot=boot))).exclude(status__in=stopping)


def _here() -> tuple[str, float]:
    """This boot of this machine, and the time on its clock that a report must not be older than."""
    return clock.boot() or "-", clock.seconds() - PRESENCE_SECONDS


def fetch_live_clusters() -> list[Cluster]:
    """The rows of `live_clusters`, cheap enough for every poll."""
    return _LIVE.fetch(*_here())


_LIVE = CompiledQuery(live_clusters)


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
