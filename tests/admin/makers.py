"""Jobs and people for the tests of the admin, made without an engine."""

from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from jobs.models import Job, JobItem, Lease
from jobs.states import ENDED, ItemStatus, JobStatus


def person(name: str, *permissions: str, staff: bool = True) -> Client:
    """A signed-in browser of somebody with these permissions on jobs, as "cancel_job"."""
    user = get_user_model().objects.create_user(name, is_staff=staff)
    found = Permission.objects.filter(codename__in=permissions, content_type__app_label="jobs")
    assert found.count() == len(permissions)
    user.user_permissions.set(found)
    client = Client()
    client.force_login(user)
    return client


def boss(name: str = "boss") -> Client:
    """A signed-in superuser."""
    client = Client()
    client.force_login(get_user_model().objects.create_superuser(name))
    return client


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
            current_item=current and current.pk,
            current_since=now.timestamp() if current else None,
            succeeded=succeeded if number == 1 else 0,
            failed=failed if number == 1 else 0,
        )
    return made
