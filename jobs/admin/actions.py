"""What staff can do to jobs: each action once, with its permission, its words, its service."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from jobs import services, words
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
)
from jobs.models import Job
from jobs.services import Actor
from jobs.states import ENDED, MOVES, JobStatus, Move

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
}


@dataclass(frozen=True, slots=True)
class Action:
    """`permission` is the codename's first word, as in jobs.cancel_job."""

    name: str
    permission: str
    label: str
    question: str
    done: str
    sources: frozenset[JobStatus]
    service: Callable[..., None]
    effect: Callable[[words.Status], str]
    danger: bool = False

    @property
    def perm(self) -> str:
        return f"jobs.{self.permission}_job"

    def possible(self, status: words.Status) -> bool:
        """Whether this status allows it; the service has the last word."""
        if status["status"] not in self.sources:
            return False
        progress = status["progress"]
        if self.name == "retry":
            return bool(progress["failed"])
        if self.name == "delete":
            return not progress["in_flight"]
        return True

    def consequence(self, status: words.Status) -> str:
        """What will happen to this job, in one sentence."""
        if self.possible(status):
            return self.effect(status)
        return f"Nothing: it is {status['status']} ({words.counts(status)})."


@dataclass(slots=True)
class Report:
    """What an action did. `done` and `refused` hold a job and the reason each."""

    action: Action
    done: list[Job] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """As in “3 cancelled, 1 had already completed.”"""
        parts = [f"{len(self.done):,} {self.action.done}"] if self.done else []
        reasons = Counter(reason for _, reason in self.refused)
        parts += [f"{number:,} {reason}" for reason, number in reasons.items()]
        return ", ".join(parts) + "."


def perform(action: Action, jobs: Iterable[Job], actor: Actor) -> Report:
    """Do it to one job after the other; what cannot be done to one does not stop the rest."""
    report = Report(action)
    for job in jobs:
        try:
            action.service(job.pk, actor=actor)
        except JobsError as error:
            report.refused.append((str(job), _reason(action, job, error)))
        else:
            report.done.append(job)
    return report


def _reason(action: Action, job: Job, error: JobsError) -> str:
    if isinstance(error, JobNotActive):
        now: Any = Job.objects.filter(pk=job.pk).values_list("status", flat=True).first()
        return _ALREADY.get(now, "no longer existed")
    if isinstance(error, CannotPause | CannotResume | CannotRetry):
        return f"could not be {action.done} ({error.data['status']})"
    return _REFUSALS.get(type(error), f"could not be {action.done}: {error.message}")


def _items(number: int) -> str:
    return "1 item" if number == 1 else f"{number:,} items"


def _cancel_effect(status: words.Status) -> str:
    left, running = status["progress"]["pending"], status["progress"]["in_flight"]
    sentence = f"{_items(left)} will not be processed."
    return sentence + (f" What was started ({running:,}) runs to its end." if running else "")


def _pause_effect(status: words.Status) -> str:
    left = status["progress"]["pending"]
    return f"No further item is started until somebody resumes it; {_items(left)} left."


def _resume_effect(status: words.Status) -> str:
    progress = status["progress"]
    left = progress["total"] - progress["processed"]
    return f"{_items(left)} that had not been processed will be."


def _retry_effect(status: words.Status) -> str:
    return f"{_items(status['progress']['failed'])} that failed will be done again."


def _delete_effect(status: words.Status) -> str:
    total = _items(status["progress"]["total"])
    return f"The job, its {total} and its events are gone for good. Files stay as they are."


ACTIONS: dict[str, Action] = {
    action.name: action
    for action in (
        Action(
            "cancel", "cancel", "Cancel", "Cancel these jobs?", "cancelled",
            MOVES[Move.CANCEL].sources, services.cancel_job, _cancel_effect, danger=True,
        ),
        Action(
            "pause", "cancel", "Pause", "Pause these jobs?", "paused",
            MOVES[Move.PAUSE].sources, services.pause_job, _pause_effect,
        ),
        Action(
            "resume", "cancel", "Resume", "Resume these jobs?", "resumed",
            MOVES[Move.RESUME].sources, services.resume_job, _resume_effect,
        ),
        Action(
            "retry", "cancel", "Retry failed items", "Retry what failed in these jobs?", "retried",
            MOVES[Move.RETRY].sources, services.retry_job, _retry_effect,
        ),
        Action(
            "delete", "delete", "Delete", "Delete these jobs?", "deleted",
            ENDED, services.delete_job, _delete_effect, danger=True,
        ),
    )
}  # fmt: skip
