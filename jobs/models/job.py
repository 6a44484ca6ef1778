"""The table of jobs."""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from jobs.processes import clock
from jobs.states import JobStatus
from jobs.text import visible


class JobManager(models.Manager["Job"]):
    """The jobs that exist.

    A deleted job is in no list and cannot change its status, however long the removal of its
    rows takes.
    """

    def get_queryset(self) -> "models.QuerySet[Job]":
        return super().get_queryset().filter(deleted_at__isnull=True)


class DeletedJobManager(models.Manager["Job"]):
    """The deleted jobs that still have rows."""

    def get_queryset(self) -> "models.QuerySet[Job]":
        return super().get_queryset().filter(deleted_at__isnull=False)


class Job(models.Model):
    """One run of an operation over a list of items.

    The counters are in the job's few `Lease` rows, so that workers never wait for each other;
    `jobs.backends.job_totals` sums them up.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    operation = models.CharField(max_length=100)
    label = models.CharField(max_length=200)
    parameters = models.JSONField(default=dict, blank=True)
    parameters_digest = models.CharField(max_length=16, blank=True, default="", db_default="")
    """Which form of the operation has accepted the parameters; see `lifecycle.parameters`."""
    added_parameters = models.JSONField(null=True, blank=True, editable=False)
    """Parameters that a later form has added: their `values`, and the `digest` of that form."""
    selection = models.JSONField(default=dict, blank=True)
    status = models.CharField(
        max_length=10, choices=JobStatus.choices, default=JobStatus.QUEUED, db_index=True
    )
    error = models.TextField(blank=True, default="")
    notice = models.TextField(blank=True, default="")
    repeated_error = models.TextField(blank=True, default="", db_default="")
    """The error that has paused the job after many equal ones, until it is resumed or retried."""
    total_items = models.PositiveIntegerField(default=0)
    prepared = models.BooleanField(default=False)
    """All items exist and none waits for a reset; workers start items only then."""
    preparation = models.JSONField(default=dict, blank=True)
    """What a worker still has to prepare, and how far it is; see `lifecycle.preparation`."""
    skipped = models.PositiveIntegerField(default=0)
    """Items with the stored status `skipped`: a resume or retry skipped them."""
    retried = models.PositiveIntegerField(default=0)
    """Failures that a retry reset; the leases still count them."""
    max_workers = models.PositiveSmallIntegerField(null=True, blank=True)
    failure_limit = models.PositiveIntegerField(null=True, blank=True)
    seen = models.BooleanField(default=False)
    """The person has seen how the job ended."""
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    settled_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When nothing was in flight any more after the end; see `lifecycle.settling`."""
    begun_at = models.DateTimeField(null=True, blank=True, editable=False)
    """Start of the present run, or of the last one."""
    begun_mark = models.CharField(max_length=100, default="", db_default="", editable=False)
    """The same moment as a mark of `processes.clock`."""
    inactive_since = models.DateTimeField(null=True, blank=True)
    """Start of the present inactive time, by the clock of the run before it: the pause or the end,
    until the job runs again."""
    inactive_seconds = models.FloatField(default=0.0, db_default=0.0)
    """Sum of earlier inactive times, between the start and the last time the job ran again."""
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)
    """Set when the job is deleted: `objects` hides it, `lifecycle.deletion` removes its rows."""

    objects = JobManager()
    deleted = DeletedJobManager()

    class Meta:
        ordering = ("-created_at", "-id")
        indexes = (
            models.Index(fields=["-created_at", "-id"], name="job_newest"),
            models.Index(fields=["created_by", "-created_at"], name="job_owner_newest"),
            models.Index(fields=["status", "-created_at"], name="job_status_newest"),
            models.Index(
                fields=["finished_at"],
                name="job_unsettled",
                condition=models.Q(settled_at__isnull=True, finished_at__isnull=False),
            ),
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
        return f"{visible(self.label)} ({self.id})"

    @property
    def active_seconds(self) -> float | None:
        """Seconds from start to end or now, less inactive times; None before the start."""
        if self.started_at is None:
            return None
        end = self.inactive_since or self.finished_at
        if self.status == JobStatus.PROCESSING or end is None:
            end = self.run_until()
        return max(0.0, (end - self.started_at).total_seconds() - self.inactive_seconds)

    def run_until(self) -> datetime:
        """Now, by the clock that was valid when the present run began; it may have jumped since."""
        if self.begun_at is None:
            return timezone.now()
        elapsed = clock.since_mark(self.begun_mark)
        if elapsed is None:
            return max(self.begun_at, timezone.now())
        return self.begun_at + timedelta(seconds=elapsed)

    def begin_run(self, now: datetime) -> dict[str, Any]:
        """The fields of a job that begins to run at this moment."""
        since = self.inactive_since or self.finished_at
        inactive = self.inactive_seconds
        if since is not None and self.started_at is not None:
            # Negative if the clock was set back meanwhile: the sum counts what has run.
            inactive += (now - max(since, self.started_at)).total_seconds()
        return {
            "started_at": self.started_at or now,
            "begun_at": now,
            "begun_mark": clock.mark(),
            "inactive_since": None,
            "inactive_seconds": inactive,
        }
