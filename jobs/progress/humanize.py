"""Numbers of a job as text, from its status object."""

from jobs.lifecycle.outputs import OutputSize
from jobs.progress.status import Status
from jobs.states import FINISHED, JobStatus


def pluralize(number: int, noun: str) -> str:
    """As in “1 file”, “2,000 files”."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def size(number: float) -> str:
    """A number of bytes, as in “512 bytes”, “1.5 KB”, “20 GB”."""
    if number < 1024:
        return pluralize(int(number), "byte")
    units = ["KB", "MB", "GB", "TB"]
    number /= 1024
    while number >= 1024 and len(units) > 1:
        number /= 1024
        del units[0]
    return f"{number:,.1f} {units[0]}" if number < 10 else f"{number:,.0f} {units[0]}"


def outputs(found: OutputSize) -> str:
    """As in “3 output files (1.5 MB)”, “more than 10,000 output files (2.0 GB)”; or empty."""
    if not found.files and not found.more:
        return ""
    least = "more than " if found.more else ""
    return f"{least}{pluralize(found.files, 'output file')} ({size(found.size_bytes)})"


def outcome(status: Status) -> str:
    """As in “Cancelled: 25 succeeded, 1 failed, 74 skipped”."""
    return f"{status.status.capitalize()}: {counts(status)}"


def counts(status: Status) -> str:
    """The counts that are not zero, as in “25 succeeded (2 with a warning), 74 skipped”."""
    progress = status.progress
    named = {
        "succeeded": progress.succeeded,
        "failed": progress.failed,
        "still running": progress.in_flight,
        "not yet processed": progress.pending,
        "skipped": progress.skipped,
    }
    parts = [f"{number:,} {name}" for name, number in named.items() if number]
    if progress.warnings:
        parts[0] += f" ({progress.warnings:,} with a warning)"
    return ", ".join(parts) or "nothing to process"


_DEPTHS = {
    "content": "content checked", "structure": "structure checked", "checksum": "checksum only",
}  # fmt: skip


def depth(result: object) -> str:
    """How far an operation looked into a file, by `checked` in its result; empty if unknown."""
    checked = result.get("checked") if isinstance(result, dict) else None
    return _DEPTHS.get(checked, "") if isinstance(checked, str) else ""


def done_of_total(status: Status) -> str:
    """As in “25 / 100 files”."""
    return f"{status.progress.processed:,} / {status.progress.total:,} files"


def rate(status: Status) -> float | None:
    """Items a second: of recent items, or of the whole finished job; None while unknown."""
    recent, seconds = status.items_per_second, status.active_seconds
    if recent is None and is_settled(status) and seconds:
        return status.progress.processed / seconds
    return recent


def speed(status: Status) -> str:
    """As in “12.5 files/s”, from `rate`; empty while unknown."""
    found = rate(status)
    return f"{found:,.1f} files/s" if found else ""


def outcome_and_summary(status: Status) -> str:
    """The outcome, and what the operation says about the job, as sentences."""
    said = f" {status.summary}." if status.summary else ""
    return f"{outcome(status)}.{said}"


def progress_line(status: Status) -> str:
    """One line for a log: “25 / 100 files (25%), 1 failed, 12.5 files/s”."""
    parts = [f"{done_of_total(status)} ({status.progress.percent}%)"]
    if status.progress.failed:
        parts.append(f"{status.progress.failed:,} failed")
    if status.progress.warnings:
        parts.append(pluralize(status.progress.warnings, "warning"))
    if status.items_per_second:
        parts.append(speed(status))
    if status.status not in (JobStatus.PROCESSING, JobStatus.COMPLETED):
        parts.append(status.status.value)
    if status.notice:
        parts.append(status.notice)
    return ", ".join(parts)


def is_settled(status: Status) -> bool:
    """Return True if the job is finished and none of its items is in flight."""
    return status.status in FINISHED and not status.progress.in_flight


def all_succeeded(status: Status, *, strict: bool = False) -> bool:
    """Return True if the job is completed and every item has succeeded.

    `strict`: and none of them with a warning.
    """
    progress = status.progress
    if strict and progress.warnings:
        return False
    return status.status == JobStatus.COMPLETED and progress.succeeded == progress.total


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
