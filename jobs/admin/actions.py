"""The actions on jobs: for each its permission, its service, and its effect in words."""

from collections.abc import Callable
from dataclasses import dataclass

from jobs import services
from jobs.models import Job
from jobs.progress import Status, humanize
from jobs.states import FINISHED, TRANSITIONS, ItemStatus, JobStatus, Transition


@dataclass(frozen=True, slots=True)
class Action:
    """One action on a job.

    sources        the statuses of a job that allow the action
    effect         returns what the action will do to the job, in sentences
    blockers       returns what else prevents it, as a clause; empty if nothing does
    item_statuses  the items that it processes again: their files may have changed
    """

    name: str
    permission: str
    label: str
    done: str
    sources: frozenset[JobStatus]
    service: Callable[..., None]
    effect: Callable[[Job, Status], str]
    blockers: Callable[[Job, Status], str] = lambda job, status: ""
    item_statuses: tuple[ItemStatus, ...] = ()
    danger: bool = False

    def blocker(self, job: Job, status: Status) -> str:
        """Why the job does not allow the action now; empty if it does. The service decides."""
        if status.status not in self.sources:
            return f"it is {status.status} ({humanize.counts(status)})"
        return self.blockers(job, status)


def _cancelling(job: Job, status: Status) -> str:
    sentence = f"{_count(job, status.progress.pending)} will not be processed."
    running = status.progress.in_flight
    return sentence + (
        f" {humanize.pluralize(running, 'running item')} will finish." if running else ""
    )


def _pausing(job: Job, status: Status) -> str:
    waiting = _count(job, status.progress.pending)
    return f"No further item starts until the job is resumed. {waiting} will wait."


def _resuming(job: Job, status: Status) -> str:
    left = status.progress.total - status.progress.processed
    if not left and job.prepared:
        return "Nothing is left to process: the job will be completed."
    return f"{_count(job, left, 'unprocessed item')} will be processed."


def _retrying(job: Job, status: Status) -> str:
    if not job.prepared:
        return "The interrupted retry will continue."
    again = f"{humanize.pluralize(status.progress.failed, 'failed item')} will be processed again."
    paused = status.status == JobStatus.PAUSED
    return f"{again} Then the job continues with the others." if paused else again


def _deleting(job: Job, status: Status) -> str:
    total = humanize.pluralize(status.progress.total, "item")
    parts = [f"its {total}", "its events"]
    if outputs := humanize.outputs(services.measure_outputs(job)):
        parts.append(f"its {outputs}")
    listed = f"{', '.join(parts[:-1])} and {parts[-1]}"
    return f"The job, {listed} will be deleted for good. Files of the library do not change."


def _resume_blockers(job: Job, status: Status) -> str:
    progress = status.progress
    unfinished = status.status not in FINISHED or not job.prepared
    if unfinished or progress.processed < progress.total:
        return ""
    return f"every item was processed ({humanize.counts(status)})"


def _retry_blockers(job: Job, status: Status) -> str:
    if job.preparation.get("kind") == "retry" and "error" not in job.preparation:
        return ""  # an interrupted retry has reset some failed items already
    if not job.prepared:
        return "it was still being prepared when it was stopped; resume it first"
    return "" if status.progress.failed else f"no item failed ({humanize.counts(status)})"


def _delete_blockers(job: Job, status: Status) -> str:
    running = status.progress.in_flight
    return f"{humanize.pluralize(running, 'started item')} did not finish yet" if running else ""


def _count(job: Job, number: int, noun: str = "item") -> str:
    """As in “At least 10,000 items” while the job is being prepared."""
    if job.prepared:
        return humanize.pluralize(number, noun)
    # Only these two kinds add items. The others reset or skip items that are counted already.
    adds_items = job.preparation.get("kind") in ("library", "own")
    return f"{'At least' if adds_items else 'About'} {humanize.pluralize(number, noun)}"


ACTIONS = (
    Action(
        "cancel", "jobs.cancel_job", "Cancel", "cancelled",
        TRANSITIONS[Transition.CANCEL].sources, services.cancel_job, _cancelling,
        danger=True,
    ),
    Action(
        "pause", "jobs.cancel_job", "Pause", "paused",
        TRANSITIONS[Transition.PAUSE].sources, services.pause_job, _pausing,
    ),
    Action(
        "resume", "jobs.cancel_job", "Resume", "resumed",
        TRANSITIONS[Transition.RESUME].sources, services.resume_job, _resuming,
        _resume_blockers, item_statuses=(ItemStatus.PENDING, ItemStatus.SKIPPED),
    ),
    Action(
        "retry", "jobs.cancel_job", "Retry failed items", "retried",
        TRANSITIONS[Transition.RETRY].sources, services.retry_job, _retrying,
        _retry_blockers, item_statuses=(ItemStatus.FAILED,),
    ),
    Action(
        "delete", "jobs.delete_job", "Delete", "deleted",
        FINISHED, services.delete_job, _deleting, _delete_blockers, danger=True,
    ),
)  # fmt: skip
