"""What has become of the files that a resume or retry would process, and the choice it gives."""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from jobs.admin.actions import Action
from jobs.exceptions import LibraryUnreadable
from jobs.library.changes import Changes, changes
from jobs.models import Job
from jobs.words import several

SECONDS = 5.0
"""The files of all jobs of a page are looked at for so long together."""

NAMED = 5
"""Files of one job that are named."""


@dataclass(slots=True)
class Choice:
    """`told`: a sentence about the files, by job. `count`: files that would be left out.

    `complete`: no more than these would be.
    """

    told: dict[UUID, str] = field(default_factory=dict)
    count: int = 0
    complete: bool = True

    @property
    def option(self) -> str:
        """What the person can choose; empty if there is nothing to leave out."""
        if not self.complete:
            return "Leave out all files that have changed or vanished"
        if not self.count:
            return ""
        return "Leave this file out" if self.count == 1 else f"Leave these {self.count:,} files out"


def offer_choice(action: Action, jobs: Iterable[Job], *, more: int) -> Choice:
    """Look at the files that this action would process again. `more`: so many other jobs."""
    choice = Choice(complete=not more)
    deadline = time.monotonic() + SECONDS
    for job in jobs:
        if job.selection.get("own"):
            continue  # its items are no files of the library
        seconds = deadline - time.monotonic()
        if seconds <= 0:
            choice.complete = False
            choice.told[job.pk] = "Nobody has looked whether its files have changed: it takes long."
            continue
        try:
            found = changes(job, action.again, seconds=seconds)
        except LibraryUnreadable as error:
            choice.told[job.pk] = f"Nobody knows whether its files have changed. {error.message}"
            continue
        choice.count += found.count
        choice.complete &= found.complete
        if found.count:
            choice.told[job.pk] = _sentence(found)
    return choice


def _sentence(found: Changes) -> str:
    parts = []
    if found.changed:
        parts.append(f"{several(found.changed, 'file')} changed")
    if found.vanished:
        parts.append(f"{several(found.vanished, 'file')} moved or vanished")
    among = "" if found.complete else f" of {several(found.checked, 'file')} that were looked at"
    names = [path for path, _ in found.examples[:NAMED]]
    more = " …" if found.count > len(names) else ""
    return f"Since the job was made,{among} {' and '.join(parts)}: {', '.join(names)}{more}"
