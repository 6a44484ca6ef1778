"""The table of clusters."""

from django.db import models


class Cluster(models.Model):
    """A django-q2 cluster that has reported its presence: host, processes, last report."""

    id = models.UUIDField(primary_key=True)
    host = models.CharField(max_length=255)
    machine = models.CharField(max_length=100, default="")
    pid = models.PositiveIntegerField()
    sentinel_pid = models.PositiveIntegerField(default=0, db_default=0)
    busy_reports = models.PositiveIntegerField(default=0, db_default=0)
    """Reports while a worker ran a task of the host project: a sign of life, as heartbeats are."""
    worker_pids = models.JSONField(default=list)
    size = models.PositiveSmallIntegerField()
    operations = models.JSONField(null=True)
    """The names that its workers know, sorted; null for a release that did not report them."""
    status = models.CharField(max_length=20)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    """By the database's clock."""
    boot = models.CharField(max_length=100, default="", db_default="")
    seen_seconds = models.FloatField(default=0.0, db_default=0.0)
    """The last report, by the clock of this boot of its machine: see `processes.clock`."""

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"
