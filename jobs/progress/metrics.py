"""The metrics for Prometheus, of all clusters: read from the database at each request.

They come from the rows of jobs and leases, which are few; no item is counted.
"""

from collections.abc import Iterator

from django.db.models import Count, F, Sum
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, SummaryMetricFamily
from prometheus_client.registry import Collector

from jobs.backends import job_totals
from jobs.cluster.registry import live_clusters
from jobs.models import Job, Lease, OperationTotal
from jobs.progress.status import progress_of
from jobs.states import ACTIVE, JobStatus

Metric = GaugeMetricFamily | CounterMetricFamily | SummaryMetricFamily


class _DatabaseCollector(Collector):
    def collect(self) -> Iterator[Metric]:
        yield _jobs()
        yield _queue()
        yield from _outcomes()
        yield _heartbeat()
        yield _workers()


def render() -> bytes:
    """The metrics in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_DatabaseCollector())
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
    totals = job_totals([job.pk for job in jobs])
    counts = [progress_of(job, totals[job.pk]) for job in jobs]
    metric.add_metric(["pending"], sum(progress.pending for progress in counts))
    metric.add_metric(["in_flight"], sum(progress.in_flight for progress in counts))
    return metric


def _outcomes() -> Iterator[Metric]:
    """Items and their seconds by operation, including those of deleted jobs."""
    items = CounterMetricFamily(
        "batchsite_items", "Items that ended", labels=["operation", "outcome"]
    )
    seconds = SummaryMetricFamily(
        "batchsite_item_seconds", "Seconds that items took", labels=["operation"]
    )
    sums: dict[str, tuple[int, int, float]] = {}
    existing = (
        Lease.objects.order_by()
        .values_list(F("job__operation"))
        .annotate(Sum("succeeded"), Sum("failed"), Sum("busy_seconds"))
    )
    deleted = OperationTotal.objects.values_list("operation", "succeeded", "failed", "busy_seconds")
    for operation, *values in (*existing, *deleted):
        before = sums.get(operation, (0, 0, 0.0))
        sums[operation] = tuple(a + b for a, b in zip(before, values, strict=True))
    for operation, (succeeded, failed, busy) in sorted(sums.items()):
        items.add_metric([operation, "succeeded"], succeeded)
        items.add_metric([operation, "failed"], failed)
        seconds.add_metric([operation], count_value=succeeded + failed, sum_value=busy)
    yield items
    yield seconds


def _heartbeat() -> Metric:
    age = max((lease.silent_seconds for lease in Lease.objects.held()), default=0.0)
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
