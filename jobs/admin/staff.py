"""Who is at work: clusters and workers, what each does, since when, and what looks wrong."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from time import time
from typing import Any

from django.db.models import Max
from django.db.models.functions import Now
from django.utils import timezone

from jobs import conf, operations, words
from jobs.clusters import live_clusters, waiting_work
from jobs.exceptions import UnknownOperation
from jobs.models import Cluster, JobItem, Lease
from jobs.progress import is_slow

REMEMBERED = timedelta(days=1)
"""Clusters that are gone are shown for so long."""

Row = dict[str, Any]


def look_around() -> dict[str, Any]:
    """`clusters` and `workers` as rows of texts, and `trouble`, a sentence or empty."""
    alive = {cluster.pk for cluster in live_clusters()}
    remembered = Cluster.objects.filter(seen_at__gte=Now() - REMEMBERED)
    clusters = list(remembered.annotate(now=Now()).order_by("host", "-started_at"))
    leases = Lease.objects.held().select_related("job").order_by("held_since").live()
    paths = dict(
        JobItem.objects.filter(
            pk__in=[lease.current_item for lease in leases if lease.current_item]
        ).values_list("pk", "key")
    )
    homes = {(cluster.machine, pid): cluster for cluster in clusters for pid in cluster.worker_pids}
    busy = {lease.pk: homes.get((lease.machine, lease.warden_pid)) for lease in leases}
    return {
        "clusters": [
            _cluster_row(cluster, cluster.pk in alive, list(busy.values())) for cluster in clusters
        ],
        "workers": [
            _busy_row(lease, paths.get(lease.current_item or 0), busy[lease.pk], alive)
            for lease in leases
        ]
        + list(_idle_rows(clusters, alive, leases)),
        "trouble": _trouble(bool(alive), bool(leases)),
    }


def _cluster_row(cluster: Cluster, alive: bool, busy: list[Cluster | None]) -> Row:
    working = sum(one is not None and one.pk == cluster.pk for one in busy)
    return {
        "key": str(cluster.pk),
        "host": cluster.host,
        "pid": cluster.pid,
        "state": "alive" if alive else "gone",
        "workers": f"{working} of {cluster.size} busy" if alive else f"{cluster.size}",
        "started": f"{_ago(cluster.started_at)} ago",
        "seen": f"{_ago(cluster.seen_at, vars(cluster)['now'])} ago",
        "status": cluster.status,
    }


def _busy_row(lease: Lease, path: str | None, home: Cluster | None, alive: set[Any]) -> Row:
    running = max(0.0, time() - lease.current_since) if lease.current_since else None
    return {
        "key": f"{lease.machine}:{lease.warden_pid}:{lease.pk}",
        "host": lease.host,
        "pid": lease.warden_pid,
        "state": "busy",
        "job": str(lease.job.label),
        "job_id": str(lease.job_id),
        "path": path or ("preparing the job" if not lease.job.prepared else "between two items"),
        "since": words.duration(running) or (_ago(lease.held_since) if lease.held_since else ""),
        "speed": f"{lease.rate:,.1f}/s" if lease.rate else "",
        "trouble": _stuck(lease, running, home, alive),
    }


def _idle_rows(clusters: Iterable[Cluster], alive: set[Any], leases: list[Lease]) -> Iterable[Row]:
    taken = {(lease.machine, lease.warden_pid) for lease in leases}
    living = [cluster for cluster in clusters if cluster.pk in alive]
    last = _last_at_work(living)
    for cluster in living:
        for pid in cluster.worker_pids:
            if (cluster.machine, pid) not in taken:
                yield {
                    "key": f"{cluster.machine}:{pid}",
                    "host": cluster.host,
                    "pid": pid,
                    "state": "idle",
                    "job": "",
                    "job_id": "",
                    "path": "",
                    "since": _ago(
                        max(
                            cluster.started_at, last.get((cluster.machine, pid), cluster.started_at)
                        )
                    ),
                    "speed": "",
                    "trouble": "",
                }


def _last_at_work(clusters: Iterable[Cluster]) -> dict[tuple[str, int], datetime]:
    """When each worker of these clusters gave back its last place, by machine and pid."""
    pids = [pid for cluster in clusters for pid in cluster.worker_pids]
    machines = {cluster.machine for cluster in clusters}
    workers = Lease.objects.filter(machine__in=machines, warden_pid__in=pids)
    freed = workers.filter(token__isnull=True, beat_at__isnull=False)
    found = freed.order_by().values_list("machine", "warden_pid").annotate(Max("beat_at"))
    return {(machine, pid): at for machine, pid, at in found}


def _stuck(lease: Lease, running: float | None, home: Cluster | None, alive: set[Any]) -> str:
    """What looks wrong with a busy worker, or empty."""
    silent = (timezone.now() - lease.beat_at).total_seconds() if lease.beat_at else 0.0
    if silent > conf.get("LEASE_SECONDS"):
        return f"No sign of life for {words.duration(silent)}: its items will be given back"
    limit = _limit(lease.job.operation)
    if running is not None and limit and running > limit:
        return f"Longer than the limit of {words.duration(limit)}"
    if running is not None and is_slow(running, lease.item_seconds):
        return f"Takes long: {lease.item_seconds:.1g} s is usual for this job"
    if home is not None and home.pk not in alive:
        return "Its cluster has stopped or does not answer"
    if lease.fenced:
        return "Ends its last item: the job was cancelled or paused"
    return ""


def _limit(operation: str) -> float | None:
    try:
        return operations.get(operation).timeout
    except UnknownOperation:
        return None


def _trouble(alive: bool, busy: bool) -> str:
    if not alive:
        return "No cluster is alive: nothing is processed until one is started."
    if not busy and waiting_work():
        return "Work waits and no worker takes it. If this stays, restart the cluster."
    return ""


def _ago(moment: datetime, now: datetime | None = None) -> str:
    """Without `now` by this machine's clock, to which another one's may be ahead."""
    return words.duration(max(0.0, ((now or timezone.now()) - moment).total_seconds()))
