"""Files that changed since a job was created, and the option to skip them."""

import time
from collections.abc import Iterable
from uuid import UUID

from jobs.admin.actions import Action
from jobs.exceptions import LibraryUnreadable
from jobs.library.drift import Drift, find_drift
from jobs.models import Job
from jobs.progress.humanize import pluralize
from jobs.text import visible

SECONDS = 5.0
"""The time to check the files of all jobs on one page."""

NAMED = 5
"""Changed files of one job that are named."""


def drift_option(
    action: Action, jobs: Iterable[Job], *, complete: bool
) -> tuple[dict[UUID, str], str]:
    """Check the files that the action would process again, for at most SECONDS.

    `complete` is False if the action applies to other jobs as well. Return what changed, by job,
    and the label of the option; the label is empty if there is nothing to skip.
    """
    notes: dict[UUID, str] = {}
    count = 0
    deadline = time.monotonic() + SECONDS
    for job in jobs:
        if job.selection.get("own"):
            continue  # its items are not library files
        seconds = deadline - time.monotonic()
        if seconds <= 0:
            complete = False
            break
        try:
            found = find_drift(job, action.item_statuses, seconds=seconds)
        except LibraryUnreadable as error:
            notes[job.pk] = f"Its files could not be checked for changes. {error.message}"
            continue
        count += found.count
        complete &= found.complete
        if found.count:
            notes[job.pk] = _note(found)
    if not complete:
        return notes, "Skip all files that were changed, moved or deleted"
    if count == 1:
        return notes, "Skip this file"
    return notes, f"Skip these {pluralize(count, 'file')}" if count else ""


def _note(found: Drift) -> str:
    was = "was" if found.count == 1 else "were"
    among = "" if found.complete else f" of {pluralize(found.checked, 'checked file')}"
    names = ", ".join(visible(path) for path, _ in found.examples[:NAMED])
    more = " …" if found.count > NAMED else ""
    return (
        f"{pluralize(found.count, 'file')}{among} {was} changed, moved or deleted"
        f" since the job was created: {names}{more}"
    )
