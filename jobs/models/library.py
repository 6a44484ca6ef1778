"""The tables of the library: its files, those that were removed, and the last scan."""

from collections.abc import Collection

from django.db import models

from jobs.models.fields import NanosecondsField
from jobs.text import visible


class LibraryFile(models.Model):
    """One file under LIBRARY_ROOT as the last scan saw it."""

    path = models.TextField()
    size = models.BigIntegerField()
    mtime_ns = NanosecondsField()
    modified = models.DateTimeField()
    kind = models.CharField(max_length=20)

    class Meta:
        # Not `unique=True`: on PostgreSQL Django would add an index for prefixes in other
        # collations.
        constraints = (models.UniqueConstraint(fields=["path"], name="file_unique_path"),)
        indexes = (
            models.Index(fields=["kind", "path"], name="file_kind_path"),
            models.Index(fields=["size", "id"], name="file_size"),
            models.Index(fields=["modified", "id"], name="file_modified"),
        )

    def __str__(self) -> str:
        return visible(self.path)


class RemovedFile(models.Model):
    """A file that is no longer in the library, in case it comes back; its outcomes refer to it.

    file_id     its row of the index, as long as a scan has not decided to remove it
    removed_at  null until then
    """

    path = models.TextField()
    size = models.BigIntegerField()
    mtime_ns = NanosecondsField()
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


class Outcome(models.Model):
    """How the last item of one operation ended for one file, and what the operation remembers.

    file     the file of the index; null once it was removed
    removed  the removed file, until it comes back
    path     the file's, so that one index finds and sorts the outcomes of an operation
    memory   what `Result.remember` was last; null if there was none

    `unprocessed` after the file has changed. A file without a row is unprocessed as well.
    """

    class Status(models.TextChoices):
        UNPROCESSED = "unprocessed", "Unprocessed"
        SUCCEEDED = "succeeded", "Succeeded"
        FAILED = "failed", "Failed"

    file = models.ForeignKey(
        LibraryFile, models.CASCADE, null=True, db_index=False, related_name="outcomes"
    )
    removed = models.ForeignKey(
        RemovedFile, models.CASCADE, null=True, db_index=False, related_name="outcomes"
    )
    operation = models.CharField(max_length=100)
    path = models.TextField()
    status = models.CharField(max_length=11, choices=Status.choices, default=Status.UNPROCESSED)
    message = models.TextField(default="", blank=True)
    job_id = models.UUIDField(null=True)
    finished_at = models.DateTimeField(null=True)
    memory = models.JSONField(null=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["file", "operation"], name="outcome_unique_file"),
        )
        indexes = (
            models.Index(
                fields=["operation", "status", "path"],
                name="outcome_status_path",
                condition=models.Q(file__isnull=False),
            ),
            models.Index(
                fields=["operation", "status", "path"],
                name="outcome_message_path",
                condition=models.Q(file__isnull=False) & ~models.Q(message=""),
            ),
            models.Index(
                fields=["removed"],
                name="outcome_removed",
                condition=models.Q(removed__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return f"{self.operation} of {visible(self.path)}"

    @property
    def checked(self) -> str | None:
        """How far `verify` looked into the file as it is now; None if it did not, or it failed."""
        known = self.memory
        if not isinstance(known, dict) or self.status != self.Status.SUCCEEDED:
            return None
        checked = known.get("checked")
        return checked if isinstance(checked, str) else None


class UsedOperation(models.Model):
    """An operation that library files have been processed with.

    kinds     the kinds of files that it is for, each between bars, as in "|image|pdf|"; empty: all
    followed  each of these files that is added to the index gets an outcome of it, `unprocessed`
    complete  all of these files have one; so an index finds those that it has not processed
    """

    name = models.CharField(max_length=100, primary_key=True)
    kinds = models.CharField(max_length=200, default="", blank=True)
    followed = models.BooleanField(default=False)
    complete = models.BooleanField(default=False)

    def __str__(self) -> str:
        return self.name

    def is_for(self, kinds: Collection[str]) -> bool:
        """Return True if it is for all of these kinds; none stand for every kind."""
        own = set(filter(None, self.kinds.split("|")))
        return not own or (bool(kinds) and own.issuperset(kinds))


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
