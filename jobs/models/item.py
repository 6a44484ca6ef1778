"""The table of items: one thing to process, usually a file."""

from django.db import models

from jobs.models.fields import NanosecondsField
from jobs.models.job import Job
from jobs.models.lease import Lease
from jobs.states import ItemStatus
from jobs.text import visible


class ItemQuerySet(models.QuerySet["JobItem"]):
    def by_status(self, status: ItemStatus) -> "ItemQuerySet":
        """Items of one stored status, in the job's order.

        The condition is a range, and the order names both columns, so that only the index of
        status and position can serve it. With `status = …` PostgreSQL may expect most rows to
        match, and walk over all that no longer do.
        """
        return self.filter(status__gte=status, status__lte=status).order_by("status", "position")

    def claimed_by(self, lease: Lease) -> "ItemQuerySet":
        """The items that the lease has claimed, found by its range of positions."""
        return self.filter(
            job_id=lease.job_id,
            position__range=(lease.first_position, lease.last_position),
            lease_token=lease.token,
        )


class JobItem(models.Model):
    """One thing to process, usually a file.

    `lease_token` is the token of the lease that has claimed the item; only that lease may finish
    it. `slot` and `sequence` number the finished items of each slot without gaps; they are the
    cursor by which a reader gets each finished item exactly once. `size` and `mtime_ns` are those
    that the index held of the file when the job was created; null for an item that is no file.
    """

    # Without a constraint: PostgreSQL would look up the job for each of a million new items.
    # Items are only created and deleted in transactions that also lock the job's row.
    job = models.ForeignKey(
        Job, models.CASCADE, related_name="items", db_index=False, db_constraint=False
    )
    position = models.PositiveIntegerField()
    key = models.TextField()
    file_id = models.BigIntegerField(null=True)
    size = models.BigIntegerField(null=True)
    mtime_ns = NanosecondsField(null=True)
    status = models.CharField(max_length=10, choices=ItemStatus.choices, default=ItemStatus.PENDING)
    message = models.TextField(default="")
    result = models.JSONField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    lease_token = models.BigIntegerField(null=True)
    slot = models.PositiveSmallIntegerField(null=True)
    sequence = models.PositiveIntegerField(null=True)

    objects = ItemQuerySet.as_manager()

    class Meta:
        indexes = (
            models.Index(fields=["job", "position"], name="item_order"),
            models.Index(fields=["job", "status", "position"], name="item_status_order"),
            models.Index(
                fields=["job", "status", "position"],
                name="item_message_order",
                condition=~models.Q(message=""),
            ),
            models.Index(
                fields=["job", "slot", "sequence"],
                name="item_finished",
                condition=models.Q(slot__isnull=False),
            ),
        )

    def __str__(self) -> str:
        return visible(self.key)
