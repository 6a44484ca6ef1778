"""What the supervision and the health check want to know of the clusters."""

from datetime import timedelta

from django.db.models import F, QuerySet, Sum
from django.utils import timezone
from django_q.conf import Conf

from jobs.models import Cluster, Job, JobEvent, Lease
from jobs.querysets import Entry

SEEN_SECONDS = 10
"""A cluster shows itself every two seconds; one that was silent for so long is gone."""


def live_clusters() -> QuerySet[Cluster]:
    """The clusters that have shown themselves lately and are not stopping."""
    since = timezone.now() - timedelta(seconds=SEEN_SECONDS)
    ending = (str(Conf.STOPPING), str(Conf.STOPPED))
    return Cluster.objects.filter(seen_at__gte=since).exclude(status__in=ending)


def waiting_work() -> bool:
    """Whether some job could use one more worker now."""
    return Job.objects.with_work().exists()


def claims_made() -> int:
    """A number that changes whenever a worker starts an item or shows that it lives."""
    sums = Lease.objects.held().aggregate(
        moves=Sum(F("sequence") + F("beat") + F("group_succeeded") + F("group_failed"))
    )
    return (sums["moves"] or 0) + Lease.objects.held().count()


def record_cluster_replaced(reason: str) -> None:
    """Tell it in the events of every job that waits for a worker."""
    for job_id in Job.objects.with_work().values_list("pk", flat=True):
        JobEvent.objects.record(job_id, "cluster_replaced", Entry("engine", message=reason))
