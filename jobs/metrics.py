"""What Prometheus is told: read from the database when it asks, so true for all clusters.

Everything comes from the rows of jobs and leases, which are few; no item is counted.
"""

from collections.abc import Iterator

from django.db.models import Count, F, Min, Sum
from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily
from prometheus_client.registry import Collector

from jobs.clusters import live_clusters
from jobs.models import Job, Lease, OperationTotal
from jobs.progress import numbers
from jobs.states import ACTIVE, JobStatus

Metric = GaugeMetricFamily | CounterMetricFamily | SummaryMetricFamily


class _Database(Collector):
    def collect(self) -> Iterator[Metric]:
        yield _jobs()
        yield _queue()
        yield from _outcomes()
        yield _heartbeat()
        yield _workers()


def render() -> bytes:
    """The metrics in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Database())
    return generate_latest(registry)


def _jobs() -> Metric:
    metric = GaugeMetricFamily("batchsite_jobs", "Jobs by status", labels=["status"])
    found = dict(Job.objects.order_by().values_list("status").annotate(Count("pk")))
    for status in JobStatus:
        metric.add_metric([status.value], found.get(status, 0))
    return metric


def _queue() -> Metric:
    metric = GaugeMetricFamily(
        "batchsite_queue_items", "Items of active jobs that wait or run", labels=["state"]
    )
    jobs = list(Job.objects.filter(status__in=ACTIVE))
    tallies = Lease.objects.tally([job.pk for job in jobs])
    books = [numbers(job, tallies.get(job.pk)) for job in jobs]
    metric.add_metric(["pending"], sum(found.pending for found in books))
    metric.add_metric(["in_flight"], sum(found.in_flight for found in books))
    return metric


def _outcomes() -> Iterator[Metric]:
    """Items and their seconds by operation, those of deleted jobs included."""
    items = CounterMetricFamily(
        "batchsite_items", "Items that ended", labels=["operation", "outcome"]
    )
    seconds = SummaryMetricFamily(
        "batchsite_item_seconds", "Seconds that items took", labels=["operation"]
    )
    sums: dict[str, tuple[int, int, float]] = {}
    living = (
        Lease.objects.order_by()
        .values_list(F("job__operation"))
        .annotate(Sum("succeeded"), Sum("failed"), Sum("busy_seconds"))
    )
    gone = OperationTotal.objects.values_list("operation", "succeeded", "failed", "busy_seconds")
    for operation, *values in (*living, *gone):
        before = sums.get(operation, (0, 0, 0.0))
        sums[operation] = tuple(a + b for a, b in zip(before, values, strict=True))
    for operation, (succeeded, failed, busy) in sorted(sums.items()):
        items.add_metric([operation, "succeeded"], succeeded)
        items.add_metric([operation, "failed"], failed)
        seconds.add_metric([operation], count_value=succeeded + failed, sum_value=busy)
    yield items
    yield seconds


def _heartbeat() -> Metric:
    oldest = Lease.objects.held().aggregate(oldest=Min("beat_at"))["oldest"]
    age = 0.0 if oldest is None else max(0.0, (timezone.now() - oldest).total_seconds())
    return GaugeMetricFamily(
        "batchsite_oldest_heartbeat_seconds",
        "Age of the oldest heartbeat of a busy worker; 0 if none is busy",
        value=age,
    )


def _workers() -> Metric:
    metric = GaugeMetricFamily("batchsite_workers", "Worker processes", labels=["state"])
    busy = Lease.objects.held().count()
    size = live_clusters().aggregate(size=Sum("size"))["size"] or 0
    metric.add_metric(["busy"], busy)
    metric.add_metric(["idle"], max(0, size - busy))
    return metric
