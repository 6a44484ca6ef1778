"""Numbers of a job in words, from its status object."""

from typing import Any

from jobs.states import ENDED

Status = dict[str, Any]


def several(number: int, noun: str) -> str:
    """As in “1 file”, “2,000 files”."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def outcome(status: Status) -> str:
    """As in “Cancelled: 25 succeeded, 1 failed, 74 skipped”."""
    return f"{status['status'].capitalize()}: {counts(status)}"


def counts(status: Status) -> str:
    """What was done and what was not, without zeros: “25 succeeded, 74 skipped”."""
    progress = status["progress"]
    named = {
        "succeeded": progress["succeeded"],
        "failed": progress["failed"],
        "still running": progress["in_flight"],
        "not yet processed": progress["pending"],
        "skipped": progress["skipped"],
    }
    told = [f"{number:,} {name}" for name, number in named.items() if number]
    return ", ".join(told) or "nothing to process"


def done_of_total(status: Status) -> str:
    """As in “25 / 100 files”."""
    progress = status["progress"]
    return f"{progress['processed']:,} / {progress['total']:,} files"


def rate(status: Status) -> float | None:
    """Items a second: of late, or of the whole job once it is over; None while unknown."""
    recent, seconds = status["items_per_second"], status["active_seconds"]
    if recent is None and is_over(status) and seconds:
        return status["progress"]["processed"] / seconds
    return recent


def speed(status: Status) -> str:
    """As in “12.5 files/s”, from `rate`."""
    found = rate(status)
    return f"{found:,.1f} files/s" if found else ""


def line(status: Status) -> str:
    """One line of progress for a log: “25 / 100 files (25%), 1 failed, 12.5 files/s”."""
    progress = status["progress"]
    parts = [f"{done_of_total(status)} ({progress['percent']}%)"]
    if progress["failed"]:
        parts.append(f"{progress['failed']:,} failed")
    if status["items_per_second"]:
        parts.append(speed(status))
    if status["status"] not in ("processing", "completed"):
        parts.append(status["status"])
    if status["notice"]:
        parts.append(status["notice"])
    return ", ".join(parts)


def is_over(status: Status) -> bool:
    """The job has ended and none of its items runs any more."""
    return status["status"] in ENDED and not status["progress"]["in_flight"]


def all_succeeded(status: Status) -> bool:
    progress = status["progress"]
    return status["status"] == "completed" and progress["succeeded"] == progress["total"]


def duration(seconds: float | None) -> str:
    """As in “1 h 2 min”, “3 min 4 s”, “5 s”; empty for None."""
    if seconds is None:
        return ""
    whole = round(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    if hours:
        return f"{hours:,} h {minutes} min"
    return f"{minutes} min {left} s" if minutes else f"{left} s"
