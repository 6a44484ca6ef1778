"""Rows made directly, for tests that need a state and not the way to it: no engine has run."""

from collections.abc import Iterable
from typing import Any

from django.utils import timezone

from jobs.models import Job, JobEvent, JobItem, Lease, LibraryFile, Outcome
from jobs.states import FINISHED, ItemStatus, JobStatus


def make_job(
    status: str = JobStatus.PROCESSING,
    *,
    succeeded: int = 0,
    failed: int = 0,
    left: int = 0,
    running: int = 0,
    prefix: str = "file",
    **fields: Any,
) -> Job:
    """A job with this many items of each kind, and the lease that has counted them."""
    now = timezone.now()
    job = Job.objects.create(
        operation=fields.pop("operation", "verify"),
        label=fields.pop("label", "Verify files"),
        status=status,
        total_items=succeeded + failed + left + running,
        prepared=True,
        started_at=now,
        finished_at=now if status in FINISHED else None,
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
                job=job,
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
        make_lease(
            job,
            number,
            token=None if current is None else number,
            current_item=current.pk if current else None,
            current_since=now.timestamp() if current else None,
            succeeded=succeeded if number == 1 else 0,
            failed=failed if number == 1 else 0,
        )
    return job


def make_waiting_job(items: int, *, status: str = JobStatus.QUEUED, **fields: Any) -> Job:
    """A prepared job with this many pending items, which no worker has taken up yet.

    Keys are the positions; `fields` are of the job.
    """
    values = {"operation": "act", "label": "Act", "prepared": True, "total_items": items, **fields}
    job = Job.objects.create(status=status, **values)
    make_items(job, *map(str, range(items)))
    return job


def make_items(job: Job, *keys: str | LibraryFile, **fields: Any) -> list[JobItem]:
    """Pending items in this order, from position 0; a library file is its own key."""
    return JobItem.objects.bulk_create(
        JobItem(job=job, position=position, **_source(key), **fields)
        for position, key in enumerate(keys)
    )


def _source(key: str | LibraryFile) -> dict[str, Any]:
    return {"key": key} if isinstance(key, str) else {"key": key.path, "file_id": key.pk}


def make_lease(job: Job, slot: int = 1, **fields: Any) -> Lease:
    """A slot of the job; held if `fields` has a token."""
    return Lease.objects.create(job=job, slot=slot, **fields)


def make_files(*paths: str, **fields: Any) -> list[LibraryFile]:
    """Rows of the library's index, of files that need not be on the disk."""
    values = {"size": 1, "mtime_ns": 1, "modified": timezone.now(), "kind": "other", **fields}
    return LibraryFile.objects.bulk_create(LibraryFile(path=path, **values) for path in paths)


def set_outcomes(files: Iterable[LibraryFile], **fields: Any) -> None:
    """Give each file this outcome of an operation, by default of `verify`."""
    values = {"operation": "verify", **fields}
    Outcome.objects.bulk_create(
        (Outcome(file=file, path=file.path, **values) for file in files),
        update_conflicts=True,
        unique_fields=["file", "operation"],
        update_fields=[name for name in values if name != "operation"] or ["path"],
    )


def outcome_of(path: str, operation: str = "verify") -> Outcome:
    """The outcome of an operation for the library file with this path; an empty one if none."""
    found = Outcome.objects.filter(file__path=path, operation=operation).first()
    return found or Outcome(operation=operation, path=path)


def delete_jobs(*jobs: Job) -> None:
    """Remove all rows of these jobs, without Django's walk over what may refer to them."""
    ids = [job.pk for job in jobs]
    for rows in (JobItem, JobEvent, Lease):
        found = rows.objects.filter(job_id__in=ids)
        found._raw_delete(found.db)
    Job.objects.filter(pk__in=ids)._raw_delete(Job.objects.db)
