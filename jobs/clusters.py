"""What the supervision and the health check want to know of the clusters."""

from collections.abc import Collection
from datetime import timedelta

from django.db.models import Count, F, QuerySet, Sum
from django.db.models.functions import Now
from django_q.conf import Conf

from jobs.models import Cluster, Job, JobEvent, Lease
from jobs.prepared import Prepared
from jobs.processes import machine_id
from jobs.querysets import Entry

SEEN_SECONDS = 10
"""A cluster shows itself every two seconds; one that was silent for so long is gone.

Both times are the database's: the clocks of machines may differ by more than that."""


def live_clusters() -> QuerySet[Cluster]:
    """The clusters that have shown themselves lately and are not stopping."""
    since = Now() - timedelta(seconds=SEEN_SECONDS)
    ending = (str(Conf.STOPPING), str(Conf.STOPPED))
    return Cluster.objects.filter(seen_at__gte=since).exclude(status__in=ending)


def any_cluster_lives() -> bool:
    """Whether there is one of `live_clusters`; cheap enough for every poll."""
    return bool(_ANY_LIVE.fetch())


_ANY_LIVE = Prepared(lambda: live_clusters()[:1])


def waiting_work() -> bool:
    """Whether some job could use one more worker now."""
    return bool(Job.objects.first_with_work())


def claims_made(cluster_pids: Collection[int] | None = None) -> int:
    """A number that changes whenever a worker starts an item or shows that it lives.

    `cluster_pids`: only the workers of these processes of this machine. A cluster whose
    pool is dead must be noticed although clusters elsewhere go on.
    """
    held = Lease.objects.held()
    if cluster_pids is not None:
        held = held.filter(machine=machine_id(), cluster_pid__in=cluster_pids)
    sums = held.aggregate(
        moves=Sum(F("sequence") + F("beat") + F("group_succeeded") + F("group_failed")),
        places=Count("pk"),
    )
    return (sums["moves"] or 0) + sums["places"]


def record_cluster_replaced(reason: str) -> None:
    """Tell it in the events of every job that waits for a worker."""
    for job_id in Job.objects.with_work().values_list("pk", flat=True):
        JobEvent.objects.record(job_id, "cluster_replaced", Entry("engine", message=reason))
