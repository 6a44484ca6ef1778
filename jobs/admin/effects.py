"""What an action will do to a job, and what stands in its way, in sentences."""

from typing import Any

from jobs import words
from jobs.models import Job
from jobs.states import ENDED

Progress = dict[str, Any]


def cancelling(job: Job, progress: Progress) -> str:
    left, running = progress["pending"], progress["in_flight"]
    sentence = f"{_count(job, left)} will not be processed."
    return sentence + (f" What was started ({running:,}) runs to its end." if running else "")


def pausing(job: Job, progress: Progress) -> str:
    left = _count(job, progress["pending"])
    return f"No further item is started until somebody resumes it. {left} will wait."


def resuming(job: Job, progress: Progress) -> str:
    left = progress["total"] - progress["processed"]
    if not left and job.prepared:
        return "Nothing is left to process: the job will be completed."
    return f"{_count(job, left)} that had not been processed will be."


def retrying(job: Job, progress: Progress) -> str:
    if not job.prepared:
        return "A retry that was cut short will go on."
    return f"{words.several(progress['failed'], 'item')} that failed will be done again."


def deleting(job: Job, progress: Progress) -> str:
    total = words.several(progress["total"], "item")
    return f"The job, its {total} and its events are gone for good. Files stay as they are."


def nothing_hinders(job: Job, status: words.Status) -> str:
    return ""


def hinders_resuming(job: Job, status: words.Status) -> str:
    progress = status["progress"]
    unfinished = status["status"] not in ENDED or not job.prepared
    if unfinished or progress["processed"] < progress["total"]:
        return ""
    return f"every item has been processed ({words.counts(status)})"


def hinders_retrying(job: Job, status: words.Status) -> str:
    if job.preparation.get("kind") == "retry":
        return ""  # one was cut short, and some of its items wait already
    if not job.prepared:
        return "it was still being prepared when it ended. Resume it first"
    return "" if status["progress"]["failed"] else f"no item has failed ({words.counts(status)})"


def hinders_deleting(job: Job, status: words.Status) -> str:
    running = status["progress"]["in_flight"]
    return f"what was started ({running:,}) has not ended yet" if running else ""


def _count(job: Job, number: int) -> str:
    """As in “At least 10,000 items”, where nobody knows yet."""
    return f"{_so_far(job)}{words.several(number, 'item')}".capitalize()


def _so_far(job: Job) -> str:
    if job.prepared:
        return ""
    # New items are still being added; otherwise items are set back or left out.
    return "at least " if job.preparation.get("kind") in ("library", "own") else "about "
