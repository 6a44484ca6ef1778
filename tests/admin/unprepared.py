"""Jobs whose preparation has not ended, made row by row."""

from typing import Any

from jobs.models import Job
from tests.support import factories


def unprepared_job(status: str, kind: str = "library", total: int = 0, **numbers: Any) -> Job:
    """A job in this kind of preparation. `total`: its items, if `numbers` does not make them."""
    job = factories.make_job(status, **numbers)
    fields: dict[str, Any] = {"prepared": False, "preparation": {"kind": kind}}
    if total:
        fields["total_items"] = total
    Job.objects.filter(pk=job.pk).update(**fields)
    job.refresh_from_db()
    return job
