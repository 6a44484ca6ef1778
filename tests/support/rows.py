"""Jobs made row by row, for tests of what shows them: no engine has run."""

from typing import Any

from django.utils import timezone

from jobs.models import Job, JobItem, Lease
from jobs.states import ENDED, ItemStatus, JobStatus


def job(
    status: str = JobStatus.PROCESSING,
    *,
    succeeded: int = 0,
    failed: int = 0,
    left: int = 0,
    running: int = 0,
    prefix: str = "file",
    **fields: Any,
) -> Job:
    """A job with so many items of each kind, and the lease that has counted them."""
    total = succeeded + failed + left + running
    now = timezone.now()
    made = Job.objects.create(
        operation=fields.pop("operation", "verify"),
        label=fields.pop("label", "Verify files"),
        status=status,
        total_items=total,
        prepared=True,
        started_at=now,
        finished_at=now if status in ENDED else None,
        **fields,
    )
    statuses = (
        [ItemStatus.SUCCEEDED] * succeeded
        + [ItemStatus.FAILED] * failed
        + [ItemStatus.PROCESSING] * running
        + [ItemStatus.PENDING] * left
    )
    items = JobItem.objects.bulk_create(
        (
            JobItem(
                job=made,
                position=position,
                key=f"{prefix}-{position:06}.txt",
                status=item_status,
                message="This file is broken" if item_status == ItemStatus.FAILED else "",
                result={"kind": "text"} if item_status == ItemStatus.SUCCEEDED else None,
            )
            for position, item_status in enumerate(statuses)
        ),
        batch_size=5_000,
    )
    at_work = [item for item in items if item.status == ItemStatus.PROCESSING]
    for number in range(1, max(1, len(at_work)) + 1):
        current = at_work[number - 1] if at_work else None
        Lease.objects.create(
            job=made,
            number=number,
            token=None if current is None else number,
            current_item=current.pk if current else None,
            current_since=now.timestamp() if current else None,
            succeeded=succeeded if number == 1 else 0,
            failed=failed if number == 1 else 0,
        )
    return made


def waiting_job(items: int, *, status: str = JobStatus.QUEUED, **fields: Any) -> Job:
    """A prepared job with so many pending items, in which nobody has ever had a place.

    Keys are the positions; `fields` are of the job.
    """
    fields = {"operation": "act", "label": "Act", "prepared": True, "total_items": items, **fields}
    made = Job.objects.create(status=status, **fields)
    JobItem.objects.bulk_create(
        JobItem(job=made, position=position, key=str(position)) for position in range(items)
    )
    return made
