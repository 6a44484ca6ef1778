"""The table of leases: a worker's slot in a job."""

from django.db import models

from jobs.models.job import Job
from jobs.processes import clock


class LeaseQuerySet(models.QuerySet["Lease"]):
    def held(self) -> "LeaseQuerySet":
        """The leases that a worker holds now."""
        return self.filter(token__isnull=False)


class Lease(models.Model):
    """A worker's slot in a job: its holder, the running item, the counters.

    A job has as many rows as it ever had workers at once. `token` is the fencing token: new for
    every holder, null while the lease is free. `fenced` forbids further starts: cancel and pause
    set it in the transaction that changes the job's status. While a fenced lease is `gated`, its
    worker may not know that yet, and the call waits for it. `heartbeats` counts, so that stalled
    workers are found without comparing clocks. `batch_*` count finished items whose rows are not
    written yet; a release sets them to zero.
    """

    job = models.ForeignKey(Job, models.CASCADE, related_name="leases", db_index=False)
    slot = models.PositiveSmallIntegerField()
    token = models.BigIntegerField(null=True)
    fenced = models.BooleanField(default=False)
    gated = models.BooleanField(default=False, db_default=False)
    """The holder may start items that this row does not show, through its gate."""
    host = models.CharField(max_length=255, default="")
    machine = models.CharField(max_length=100, default="")
    worker_pid = models.PositiveIntegerField(default=0)
    worker_started = models.FloatField(default=0)
    cluster_pid = models.PositiveIntegerField(default=0)
    executor_pid = models.PositiveIntegerField(default=0)
    executor_started = models.FloatField(default=0)
    heartbeats = models.PositiveIntegerField(default=0)
    heartbeat_at = models.DateTimeField(null=True)
    """Time of the last heartbeat, or of the release: for people, and for `processes.orphans`.
    No worker is presumed dead because of it."""
    clock_offset = models.FloatField(null=True)
    """`processes.clock.offset` of the holder, for the times in this row."""
    acquired_at = models.DateTimeField(null=True)
    served_at = models.DateTimeField(null=True)
    """The person's turn in which the lease was acquired: see `Turn.served_at`."""
    current_item = models.BigIntegerField(null=True)
    current_since = models.FloatField(null=True)
    first_position = models.PositiveIntegerField(null=True)
    last_position = models.PositiveIntegerField(null=True)
    succeeded = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    warnings = models.PositiveIntegerField(default=0, db_default=0)
    """Of the succeeded, those with a message; counted when their batch is written."""
    batch_succeeded = models.PositiveIntegerField(default=0)
    batch_failed = models.PositiveIntegerField(default=0)
    sequence = models.PositiveIntegerField(default=0)
    busy_seconds = models.FloatField(default=0)
    rate = models.FloatField(default=0)
    item_seconds = models.FloatField(default=0)
    streak = models.PositiveIntegerField(default=0)
    streak_message = models.TextField(default="")
    totals = models.TextField(default="", db_default="")
    """The operation's own numbers, summed up: see `operations.totals`."""

    objects = LeaseQuerySet.as_manager()

    class Meta:
        constraints = (models.UniqueConstraint(fields=["job", "slot"], name="lease_unique_slot"),)
        indexes = (
            models.Index(
                fields=["token"], name="lease_held", condition=models.Q(token__isnull=False)
            ),
            models.Index(fields=["machine", "worker_pid"], name="lease_worker"),
        )

    def __str__(self) -> str:
        return f"{self.job_id} #{self.slot}"

    @property
    def item_elapsed(self) -> float | None:
        """Seconds that the current item has been running; None if there is none."""
        since = self.current_since
        return None if since is None else self._elapsed(since)

    @property
    def silent_seconds(self) -> float:
        """Seconds since the last heartbeat; 0 if there was none."""
        return self._elapsed(self.heartbeat_at.timestamp()) if self.heartbeat_at else 0.0

    @property
    def held_seconds(self) -> float:
        """Seconds since the lease was acquired; 0 if it never was."""
        return self._elapsed(self.acquired_at.timestamp()) if self.acquired_at else 0.0

    def _elapsed(self, since: float) -> float:
        return clock.elapsed(since, machine=self.machine, offset=self.clock_offset)

    @property
    def holder(self) -> int:
        """The token of a lease that was read as held. Raises ValueError for a free lease."""
        if self.token is None:
            raise ValueError("This lease is free.")
        return self.token
