"""Job, JobItem, Lease, JobEvent, LibraryFile, Cluster: fields, constraints, indexes.

Who writes what: `querysets` makes every change of a job's status, `ledger` claims, starts
and finishes items, `library` keeps LibraryFile true. Nothing assigns a status elsewhere.
"""

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone

from jobs.leases import LeaseQuerySet
from jobs.querysets import DeletedJobManager, EventQuerySet, ItemQuerySet, JobManager
from jobs.states import ItemStatus, JobStatus


class Job(models.Model):
    """One run of an operation over a list of items.

    Its counts are not here but in its few `Lease` rows, so that workers never wait for
    each other; `JobQuerySet.with_progress` adds them up.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    operation = models.CharField(max_length=100)
    label = models.CharField(max_length=200)
    parameters = models.JSONField(default=dict, blank=True)
    selection = models.JSONField(default=dict, blank=True)
    status = models.CharField(
        max_length=10, choices=JobStatus.choices, default=JobStatus.QUEUED, db_index=True
    )
    error = models.TextField(blank=True, default="")
    notice = models.TextField(blank=True, default="")
    total_items = models.PositiveIntegerField(default=0)
    prepared = models.BooleanField(default=False)
    """All items are there and none waits to be reset; only then workers start items."""
    preparation = models.JSONField(default=dict, blank=True)
    """What a worker still has to prepare and how far it is; see `services.prepare`."""
    left_out = models.PositiveIntegerField(default=0)
    """Items with the stored status `skipped`: a resume or retry left them out."""
    retried = models.PositiveIntegerField(default=0)
    """Failures that a retry took back; the leases still count them."""
    max_workers = models.PositiveSmallIntegerField(null=True, blank=True)
    failure_limit = models.PositiveIntegerField(null=True, blank=True)
    seen = models.BooleanField(default=False)
    """The person was told how it ended."""
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    rests_since = models.DateTimeField(null=True, blank=True)
    """Since when nobody works on it: when it was paused or has ended, until it runs again."""
    rested_seconds = models.FloatField(default=0.0, db_default=0.0)
    """How long it has rested before, between its start and the last time it ran again."""
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    """Since when it is deleted: `objects` has it no more, and `removal` takes its rows away."""

    objects = JobManager()
    deleted = DeletedJobManager()

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = (
            models.Index(fields=["-created_at", "-id"], name="job_newest"),
            models.Index(fields=["created_by", "-created_at"], name="job_owner_newest"),
            models.Index(fields=["status", "-created_at"], name="job_status_newest"),
            models.Index(
                fields=["deleted_at"],
                name="job_deleted",
                condition=models.Q(deleted_at__isnull=False),
            ),
        )
        permissions = (
            ("cancel_job", "Can cancel, pause and resume jobs"),
            ("control_all_jobs", "Can see and control the jobs of everyone"),
        )

    def __str__(self) -> str:
        return f"{self.label} ({self.id})"

    @property
    def active_seconds(self) -> float | None:
        """From its start until it ended, or now, without its rests; None before the start."""
        if self.started_at is None:
            return None
        end = None if self.status == JobStatus.PROCESSING else self.rests_since or self.finished_at
        return max(
            0.0, ((end or timezone.now()) - self.started_at).total_seconds() - self.rested_seconds
        )

    @property
    def resting_seconds(self) -> float:
        """For how long it has rested by now, since its start or its last run."""
        since = self.rests_since or self.finished_at
        if since is None or self.started_at is None:
            return 0.0
        return max(0.0, (timezone.now() - max(since, self.started_at)).total_seconds())


class JobItem(models.Model):
    """One thing to process, usually a file.

    `claim` is the token of the lease that holds the item; only that lease may finish it.
    `lane` and `sequence` say who finished it and as that lane's how-manyth item; together
    they are the cursor by which a reader gets each finished item exactly once.
    """

    # Without a constraint: PostgreSQL would look up the job for each of a million new items.
    # Items are only made and deleted in transactions that also hold the job's row.
    job = models.ForeignKey(
        Job, models.CASCADE, related_name="items", db_index=False, db_constraint=False
    )
    position = models.PositiveIntegerField()
    key = models.TextField()
    file_id = models.BigIntegerField(null=True)
    status = models.CharField(max_length=10, choices=ItemStatus.choices, default=ItemStatus.PENDING)
    message = models.TextField(default="")
    result = models.JSONField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    claim = models.BigIntegerField(null=True)
    lane = models.PositiveSmallIntegerField(null=True)
    sequence = models.PositiveIntegerField(null=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=["job", "position"], name="item_order"),
            models.Index(fields=["job", "status", "position"], name="item_status_order"),
            models.Index(
                fields=["job", "lane", "sequence"],
                name="item_finished",
                condition=models.Q(lane__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return self.key


class Lease(models.Model):
    """One worker's place in a job: who holds it, what it runs, what it has counted.

    A job has as many rows as it ever had workers at once. `token` is new for every holder
    and null while nobody holds the place. `fenced` forbids further starts: cancel and pause
    set it in the same transaction as the job's status. `beat` counts heartbeats, so that
    life is judged without comparing clocks. `group_*` count items that have ended but whose
    rows are not written yet; giving the place back sets them to zero.
    """

    job = models.ForeignKey(Job, models.CASCADE, related_name="leases", db_index=False)
    number = models.PositiveSmallIntegerField()
    token = models.BigIntegerField(null=True)
    fenced = models.BooleanField(default=False)
    host = models.CharField(max_length=255, default="")
    machine = models.CharField(max_length=100, default="")
    warden_pid = models.PositiveIntegerField(default=0)
    warden_started = models.FloatField(default=0)
    cluster_pid = models.PositiveIntegerField(default=0)
    executor_pid = models.PositiveIntegerField(default=0)
    executor_started = models.FloatField(default=0)
    beat = models.PositiveIntegerField(default=0)
    beat_at = models.DateTimeField(null=True)
    """When the last heartbeat was written, or the place was given back: for people. Nobody is
    taken for dead by it; see also `leftovers`."""
    held_since = models.DateTimeField(null=True)
    current_item = models.BigIntegerField(null=True)
    current_since = models.FloatField(null=True)
    first_position = models.PositiveIntegerField(null=True)
    last_position = models.PositiveIntegerField(null=True)
    succeeded = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    group_succeeded = models.PositiveIntegerField(default=0)
    group_failed = models.PositiveIntegerField(default=0)
    sequence = models.PositiveIntegerField(default=0)
    busy_seconds = models.FloatField(default=0)
    rate = models.FloatField(default=0)
    item_seconds = models.FloatField(default=0)
    streak = models.PositiveIntegerField(default=0)
    streak_message = models.TextField(default="")

    objects = LeaseQuerySet.as_manager()

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["job", "number"], name="lease_unique_number"),
        )
        indexes = (
            models.Index(
                fields=["token"], name="lease_held", condition=models.Q(token__isnull=False)
            ),
            models.Index(fields=["machine", "warden_pid"], name="lease_worker"),
        )

    def __str__(self) -> str:
        return f"{self.job_id} #{self.number}"

    @property
    def holder(self) -> int:
        """The token of a lease that was read as held. Raises ValueError for a free one."""
        if self.token is None:
            raise ValueError("Nobody holds this lease.")
        return self.token


class OperationTotal(models.Model):
    """What deleted jobs of an operation had counted, so that the metrics never fall back."""

    operation = models.CharField(max_length=100, unique=True)
    succeeded = models.BigIntegerField(default=0)
    failed = models.BigIntegerField(default=0)
    busy_seconds = models.FloatField(default=0)

    def __str__(self) -> str:
        return self.operation


class JobEvent(models.Model):
    """What happened to a job: who did it, when, from where; or what the engine did."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="events")
    at = models.DateTimeField(default=timezone.now)
    kind = models.CharField(max_length=30)
    source = models.CharField(max_length=10)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+"
    )
    actor_name = models.CharField(max_length=150, default="")
    message = models.TextField(default="")

    objects = EventQuerySet.as_manager()

    class Meta:
        ordering = ("id",)

    def __str__(self) -> str:
        return f"{self.kind}: {self.message}"


class LibraryFile(models.Model):
    """One file under LIBRARY_ROOT as the last scan saw it, and how its last item ended."""

    class Status(models.TextChoices):
        UNPROCESSED = "unprocessed", "Unprocessed"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"

    path = models.TextField(unique=True)
    size = models.BigIntegerField()
    mtime_ns = models.BigIntegerField()
    modified = models.DateTimeField()
    kind = models.CharField(max_length=20)
    status = models.CharField(max_length=11, choices=Status.choices, default=Status.UNPROCESSED)
    message = models.TextField(default="", blank=True)
    last_job_id = models.UUIDField(null=True)
    memory = models.JSONField(default=dict)

    class Meta:
        indexes = (models.Index(fields=["status", "path"], name="file_status_path"),)

    def __str__(self) -> str:
        return self.path


class LibraryScan(models.Model):
    """How the last scan of the library ended: at most one row.

    `root` and `device` (of the folder) are those of the last scan that went well.
    """

    root = models.TextField(default="")
    device = models.CharField(max_length=20, default="")
    finished_at = models.DateTimeField(null=True)
    files = models.PositiveBigIntegerField(default=0)
    error = models.TextField(default="")

    def __str__(self) -> str:
        return f"{self.files:,} files at {self.finished_at}"


class Cluster(models.Model):
    """A django-q2 cluster that has shown itself: its host, processes and when last seen."""

    id = models.UUIDField(primary_key=True)
    host = models.CharField(max_length=255)
    machine = models.CharField(max_length=100, default="")
    pid = models.PositiveIntegerField()
    worker_pids = models.JSONField(default=list)
    size = models.PositiveSmallIntegerField()
    status = models.CharField(max_length=20)
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    """By the database's clock."""

    def __str__(self) -> str:
        return f"{self.host}:{self.pid}"
