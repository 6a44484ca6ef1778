"""The tables of the library: its files, those that were removed, and the last scan."""

from django.db import models

from jobs.models.fields import NanosecondsField
from jobs.text import visible


class LibraryFile(models.Model):
    """One file under LIBRARY_ROOT as the last scan saw it, and how its last item ended."""

    class Status(models.TextChoices):
        UNPROCESSED = "unprocessed", "Unprocessed"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"

    path = models.TextField()
    size = models.BigIntegerField()
    mtime_ns = NanosecondsField()
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
        indexes = (
            models.Index(fields=["status", "path"], name="file_status_path"),
            models.Index(
                fields=["status", "path"],
                name="file_message_path",
                condition=~models.Q(message=""),
            ),
        )

    def __str__(self) -> str:
        return visible(self.path)

    @property
    def checked(self) -> str | None:
        """How far `verify` looked into the file as it is now; None if it did not, or it failed."""
        known = self.memory.get("verify")
        if not isinstance(known, dict) or self.status == self.Status.FAILED:
            return None
        same = (known.get("size"), known.get("mtime_ns")) == (self.size, self.mtime_ns)
        return known.get("checked") if same else None


class RemovedFile(models.Model):
    """What is known of a file that is no longer in the library, in case it comes back.

    file_id     its row of the index, as long as a scan has not decided to remove it
    removed_at  null until then
    """

    path = models.TextField()
    size = models.BigIntegerField()
    mtime_ns = NanosecondsField()
    status = models.CharField(max_length=11, choices=LibraryFile.Status.choices)
    message = models.TextField()
    last_job_id = models.UUIDField(null=True)
    memory = models.JSONField()
    file_id = models.BigIntegerField(null=True)
    removed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = (
            models.Index(fields=["path"], name="removed_path"),
            models.Index(fields=["size"], name="removed_size"),
            models.Index(fields=["removed_at"], name="removed_at"),
        )

    def __str__(self) -> str:
        return visible(self.path)


class LibraryScan(models.Model):
    """The result of the last scan of the library: at most one row.

    All but `error` is of the last successful scan.

    device       of the folder `root`
    mounted      the folder was a mount point; null if that is unknown
    mounts       the mount points below it, as {key of the folder with "/" at its end: device}
    newest_id    files of the index with larger ids have not been compared with removed ones
    known        files that the index had before
    held_back    of these, files that it did not find and kept, since it would have removed too many
    moved        files that it found again under another path
    not_reached  files that it kept because their disk is not there
    unreached    the folders of these
    """

    root = models.TextField(default="")
    device = models.CharField(max_length=20, default="")
    mounted = models.BooleanField(null=True)
    mounts = models.JSONField(default=dict)
    newest_id = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)
    files = models.PositiveBigIntegerField(default=0)
    known = models.PositiveBigIntegerField(default=0)
    held_back = models.PositiveBigIntegerField(default=0)
    moved = models.PositiveBigIntegerField(default=0)
    not_reached = models.PositiveBigIntegerField(default=0)
    unreached = models.JSONField(default=list)
    error = models.TextField(default="")

    def __str__(self) -> str:
        return f"{self.files:,} files at {self.finished_at}"
