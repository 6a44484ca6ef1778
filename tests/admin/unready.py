"""Jobs that are not prepared, row by row."""

from typing import Any

from jobs.models import Job
from tests.support import rows


def unprepared_job(status: str, kind: str = "library", total: int = 0, **numbers: Any) -> Job:
    """A job whose preparation of this kind has not ended. `total`: its items, if not `numbers`."""
    job = rows.job(status, **numbers)
    fields: dict[str, Any] = {"prepared": False, "preparation": {"kind": kind}}
    if total:
        fields["total_items"] = total
    Job.objects.filter(pk=job.pk).update(**fields)
    job.refresh_from_db()
    return job
