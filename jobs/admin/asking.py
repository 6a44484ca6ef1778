"""What a confirmation page tells: each job with what will happen to it, and the choice."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.safestring import SafeString

from jobs.admin.actions import Action
from jobs.admin.cells import badge
from jobs.admin.leaving import offer_choice
from jobs.models import Job
from jobs.progress import status_objects
from jobs.words import Status

SHOWN = 50
"""Jobs that a confirmation page names one by one."""


@dataclass(slots=True)
class Row:
    """`files`: what has become of the job's files, in a sentence, or empty."""

    job: Job
    badge: SafeString
    possible: bool
    consequence: str
    files: str = ""


def describe(action: Action, jobs: Sequence[Job]) -> dict[str, Any]:
    """For the template: `rows`, how many `more` there are, and in all (`number`); whether
    anything is `possible`, and `option`, the label of what can be chosen, or empty.
    """
    shown = jobs[:SHOWN]
    rows = [
        _row(action, job, status) for job, status in zip(shown, status_objects(shown), strict=True)
    ]
    more = len(jobs) - len(shown)
    option = ""
    if action.again:
        choice = offer_choice(action, [row.job for row in rows if row.possible], more=more)
        option = choice.option
        for row in rows:
            row.files = choice.told.get(row.job.pk, "")
    return {
        "rows": rows,
        "more": more,
        "number": len(jobs),
        "possible": more > 0 or any(row.possible for row in rows),
        "option": option,
    }


def _row(action: Action, job: Job, status: Status) -> Row:
    if hindrance := action.hindrance(job, status):
        return Row(job, badge(status), possible=False, consequence=f"Nothing: {hindrance}.")
    return Row(job, badge(status), True, action.effect(job, status["progress"]))
