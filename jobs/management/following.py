"""Follows a job until it is over."""

import time
from collections.abc import Callable
from uuid import UUID

from django.db import DatabaseError, InterfaceError, connection

from jobs import words
from jobs.exceptions import JobNotFound
from jobs.management.command import INTERRUPTED, Error, database_trouble
from jobs.management.showing import View
from jobs.models import Job
from jobs.progress import status_object

POLL_SECONDS = 0.5
STEP_SECONDS = 0.1
LOST_SECONDS = 60.0
"""A database that does not answer is waited for as long as this."""


def follow(
    job_id: UUID,
    view: View,
    *,
    stop: Callable[[], bool],
    until: Callable[[words.Status], bool] = words.is_over,
    goes_on: str = "",
) -> words.Status:
    """Show the job until it is over (`until`) or `stop()` is true; its last status object.

    Raises Error if the job is deleted, or the database is away for LOST_SECONDS, or away
    when `stop()` becomes true; then it tells what becomes of the job: `goes_on`.
    """
    goes_on = goes_on or f"The job {job_id} goes on."
    lost_at: float | None = None
    while True:
        try:
            status = look(job_id)
            reached = until(status)
            lost_at = None
        except JobNotFound:
            raise Error("The job was deleted while it was watched.") from None
        except (DatabaseError, InterfaceError) as error:
            connection.close()
            lost_at = lost_at or time.monotonic()
            if stop() or time.monotonic() - lost_at > LOST_SECONDS:
                code = INTERRUPTED if stop() else 1
                raise Error(f"{database_trouble(error)} {goes_on}", returncode=code) from error
        else:
            view.show(status)
            if reached or stop():
                return status
        _wait(POLL_SECONDS, stop)


def look(job_id: UUID) -> words.Status:
    """The status object now. Raises JobNotFound."""
    jobs = Job.objects.select_related("created_by", "cancelled_by")
    job = jobs.filter(pk=job_id).first()
    if job is None:
        raise JobNotFound
    return status_object(job)


def _wait(seconds: float, stop: Callable[[], bool]) -> None:
    deadline = time.monotonic() + seconds
    while not stop() and time.monotonic() < deadline:
        time.sleep(STEP_SECONDS)
