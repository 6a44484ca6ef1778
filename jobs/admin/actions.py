"""What staff can do to jobs: each action once, with its permission, its words, its service."""

from collections.abc import Callable
from dataclasses import dataclass

from jobs import services, words
from jobs.admin import effects
from jobs.models import Job
from jobs.states import ENDED, MOVES, ItemStatus, JobStatus, Move


@dataclass(frozen=True, slots=True)
class Action:
    """`permission` is the codename's first word, as in jobs.cancel_job.

    `again`: the statuses of the items that it processes; only their files can be left out.
    """

    name: str
    permission: str
    label: str
    question: str
    done: str
    sources: frozenset[JobStatus]
    service: Callable[..., None]
    effect: Callable[[Job, effects.Progress], str]
    hinders: Callable[[Job, words.Status], str] = effects.nothing_hinders
    again: tuple[ItemStatus, ...] = ()
    danger: bool = False

    @property
    def perm(self) -> str:
        return f"jobs.{self.permission}_job"

    def hindrance(self, job: Job, status: words.Status) -> str:
        """Why this job does not allow it; empty if it does. The service has the last word."""
        if status["status"] not in self.sources:
            return f"it is {status['status']} ({words.counts(status)})"
        return self.hinders(job, status)


ACTIONS: dict[str, Action] = {
    action.name: action
    for action in (
        Action(
            "cancel", "cancel", "Cancel", "Cancel these jobs?", "cancelled",
            MOVES[Move.CANCEL].sources, services.cancel_job, effects.cancelling, danger=True,
        ),
        Action(
            "pause", "cancel", "Pause", "Pause these jobs?", "paused",
            MOVES[Move.PAUSE].sources, services.pause_job, effects.pausing,
        ),
        Action(
            "resume", "cancel", "Resume", "Resume these jobs?", "resumed",
            MOVES[Move.RESUME].sources, services.resume_job, effects.resuming,
            effects.hinders_resuming, again=(ItemStatus.PENDING, ItemStatus.SKIPPED),
        ),
        Action(
            "retry", "cancel", "Retry failed items", "Retry what failed in these jobs?", "retried",
            MOVES[Move.RETRY].sources, services.retry_job, effects.retrying,
            effects.hinders_retrying, again=(ItemStatus.FAILED,),
        ),
        Action(
            "delete", "delete", "Delete", "Delete these jobs?", "deleted",
            ENDED, services.delete_job, effects.deleting, effects.hinders_deleting, danger=True,
        ),
    )
}  # fmt: skip
