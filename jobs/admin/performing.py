"""Does an action to one job after the other, and counts what became of each."""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import DatabaseError

from jobs.admin.actions import Action
from jobs.exceptions import (
    CannotPause,
    CannotResume,
    CannotRetry,
    JobNotActive,
    JobNotFound,
    JobsError,
    JobStillActive,
    NothingToResume,
    NothingToRetry,
    NotPrepared,
)
from jobs.models import Job
from jobs.services import Actor
from jobs.states import JobStatus

logger = logging.getLogger(__name__)

_ALREADY = {
    JobStatus.COMPLETED: "had already completed",
    JobStatus.CANCELLED: "had already been cancelled",
    JobStatus.FAILED: "had already failed",
}
_REFUSALS: dict[type[JobsError], str] = {
    JobNotFound: "no longer existed",
    JobStillActive: "was still active",
    NothingToResume: "had nothing left to process",
    NothingToRetry: "had no failed items",
    NotPrepared: "was still being prepared when it ended and must be resumed first",
}


@dataclass(slots=True)
class Report:
    """What an action did. `refused` holds a job's name and the reason each.

    `unlogged`: names of jobs to which it was done, but whose log entry could not be written.
    """

    action: Action
    done: list[Job] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)
    unlogged: list[str] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """As in “3 cancelled, 1 had already completed.”"""
        parts = [f"{len(self.done):,} {self.action.done}"] if self.done else []
        reasons = Counter(reason for _, reason in self.refused)
        parts += [f"{number:,} {reason}" for reason, number in reasons.items()]
        return ", ".join(parts) + "."


def perform(
    action: Action,
    jobs: Iterable[Job],
    actor: Actor,
    log: Callable[[Job], Any],
    *,
    leave_out: bool = False,
) -> Report:
    """Do it and `log` it, job by job; what cannot be done to one does not stop the rest.

    So what was done is logged, whatever happens to a later job. `leave_out`: without the
    files that have changed or vanished, where the action processes files again.
    """
    options = {"unchanged_only": True} if leave_out and action.again else {}
    report = Report(action)
    for job in jobs:
        try:
            reason = _do(action, job, actor, options)
        except DatabaseError:
            logger.exception("job %s failed", action.name, extra={"job": job.pk})
            reason = f"could not be {action.done}: the database failed"
        if reason:
            report.refused.append((str(job), reason))
            continue
        report.done.append(job)
        try:
            log(job)
        except DatabaseError:
            logger.exception("no log entry of job %s", action.name, extra={"job": job.pk})
            report.unlogged.append(str(job))
    return report


def _do(action: Action, job: Job, actor: Actor, options: dict[str, bool]) -> str:
    """Why it could not be done; empty if it was."""
    try:
        action.service(job.pk, actor=actor, **options)
    except JobNotActive:
        now: Any = Job.objects.filter(pk=job.pk).values_list("status", flat=True).first()
        return _ALREADY.get(now, "no longer existed")
    except (CannotPause, CannotResume, CannotRetry) as error:
        return f"could not be {action.done} ({error.data['status']})"
    except JobsError as error:
        return _REFUSALS.get(type(error), f"could not be {action.done}: {error.message}")
    return ""
