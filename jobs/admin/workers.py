"""The page of clusters and workers: what they do now and what looks wrong."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import admin
from django.db.models.functions import Now
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from jobs.admin.background import failed_tasks, periodic_tasks
from jobs.admin.display import ReadOnlyAdmin
from jobs.backends import live_leases
from jobs.cluster.registry import live_clusters
from jobs.conf import conf
from jobs.lifecycle.scheduling import any_job_needs_worker
from jobs.models import Cluster, Job, JobItem, Lease
from jobs.progress import humanize
from jobs.progress.notices import is_slow
from jobs.progress.write_probe import cause_of_absence

REMEMBERED = timedelta(days=1)
"""A cluster that is gone is shown for this long."""


@dataclass(frozen=True, slots=True)
class WorkerRow:
    """`duration` is that of the item. An idle worker has no job."""

    host: str
    pid: int
    job: Job | None = None
    item: str = ""
    duration: str = ""
    speed: str = ""
    trouble: str = ""


def worker_overview() -> dict[str, Any]:
    """Return the `workers` as WorkerRow; the `clusters`, with `alive`, `busy` (workers),
    `uptime` and `silence`; `trouble`, why nothing is processed, as a sentence or empty; and
    `periodic_tasks` and `failed_tasks` of django-q2.
    """
    alive = set(live_clusters().values_list("pk", flat=True))
    remembered = Cluster.objects.filter(seen_at__gte=Now() - REMEMBERED)
    clusters: list[Any] = list(remembered.annotate(now=Now()).order_by("host", "-started_at"))
    leases = live_leases(Lease.objects.held().select_related("job").order_by("acquired_at"))
    current = [lease.current_item for lease in leases if lease.current_item]
    keys = dict(JobItem.objects.filter(pk__in=current).values_list("pk", "key"))
    owners = {
        (cluster.machine, pid): cluster for cluster in clusters for pid in cluster.worker_pids
    }
    busy = [(lease.machine, lease.worker_pid) for lease in leases]
    workers = [
        _busy_row(lease, keys.get(lease.current_item or 0), owners.get(worker), alive)
        for worker, lease in zip(busy, leases, strict=True)
    ]
    workers += [
        WorkerRow(cluster.host, pid)
        for (machine, pid), cluster in owners.items()
        if cluster.pk in alive and (machine, pid) not in busy
    ]
    at_work = Counter(owners[worker].pk for worker in busy if worker in owners)
    for cluster in clusters:
        cluster.alive, cluster.busy = cluster.pk in alive, at_work[cluster.pk]
        cluster.uptime = _duration(cluster.started_at, timezone.now())
        cluster.silence = _duration(cluster.seen_at, cluster.now)
    trouble = ""
    if not alive:
        none_runs = "No cluster is running: nothing is processed until one is started."
        trouble = cause_of_absence() or none_runs
    elif not leases and any_job_needs_worker():
        trouble = "Jobs are waiting but no worker picks them up. Restart the cluster if this lasts."
    return {
        "clusters": clusters,
        "workers": workers,
        "trouble": trouble,
        "periodic_tasks": periodic_tasks(),
        "failed_tasks": failed_tasks(),
    }


def _busy_row(lease: Lease, key: str | None, owner: Cluster | None, alive: set[UUID]) -> WorkerRow:
    seconds = lease.item_elapsed
    held = humanize.duration(lease.held_seconds) if lease.acquired_at else ""
    return WorkerRow(
        lease.host,
        lease.worker_pid,
        lease.job,
        key or ("between two items" if lease.job.prepared else "preparing the job"),
        humanize.duration(seconds) or held,
        f"{lease.rate:,.1f}/s" if lease.rate else "",
        _worker_trouble(lease, seconds or 0.0, owner, alive),
    )


def _worker_trouble(lease: Lease, seconds: float, owner: Cluster | None, alive: set[UUID]) -> str:
    """What looks wrong with a worker whose item has run for these seconds, or empty."""
    silent = lease.silent_seconds
    if silent > conf.LEASE_SECONDS:
        return f"No heartbeat for {humanize.duration(silent)}: its items will be released"
    if is_slow(seconds, lease.item_seconds):
        return f"Takes long: {lease.item_seconds:.1g} s is usual for this job"
    if owner is not None and owner.pk not in alive:
        return "Its cluster has stopped or does not answer"
    return "Finishing its last item: the job was cancelled or paused" if lease.fenced else ""


def _duration(since: datetime, now: datetime) -> str:
    """The time in between; 0 s if the clock of another machine is ahead."""
    return humanize.duration(max(0.0, (now - since).total_seconds()))


@admin.register(Cluster)
class WorkersAdmin(ReadOnlyAdmin):
    """Shows the workers and clusters, kept current by a script, in place of a plain list."""

    class Media:
        js = [Script("admin-workers.js", type="module")]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        context = {"title": "Workers", **worker_overview(), **(extra_context or {})}
        return super().changelist_view(request, context)
