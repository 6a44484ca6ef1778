"""The tables of the library: its files, and the last scan."""

from django.db import models

from jobs.text import visible


class LibraryFile(models.Model):
    """One file under LIBRARY_ROOT as the last scan saw it, and how its last item ended."""

    class Status(models.TextChoices):
        UNPROCESSED = "unprocessed", "Unprocessed"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"

    path = models.TextField()
    size = models.BigIntegerField()
    mtime_ns = models.BigIntegerField()
    modified = models.DateTimeField()
    kind = models.CharField(max_length=20)
    status = models.CharField(max_length=11, choices=Status.choices, default=Status.UNPROCESSED)
    message = models.TextField(default="", blank=True)
    last_job_id = models.UUIDField(null=True)
    memory = models.JSONField(default=dict)

    class Meta:
        # Not `unique=True`: on PostgreSQL Django would add an index for prefixes in other
        # collations, and each finished item an entry to it.
        constraints = (models.UniqueConstraint(fields=["path"], name="file_unique_path"),)
        indexes = (models.Index(fields=["status", "path"], name="file_status_path"),)

    def __str__(self) -> str:
        return visible(self.path)


class LibraryScan(models.Model):
    """The result of the last scan of the library: at most one row.

    `root` and `device` (of the folder) are those of the last successful scan.
    """

    root = models.TextField(default="")
    device = models.CharField(max_length=20, default="")
    finished_at = models.DateTimeField(null=True)
    files = models.PositiveBigIntegerField(default=0)
    error = models.TextField(default="")

    def __str__(self) -> str:
        return f"{self.files:,} files at {self.finished_at}"
