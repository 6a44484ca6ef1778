"""Tells of one job and its items: in colour on a terminal, as plain lines elsewhere."""

from collections.abc import Iterable
from typing import Any

from django.core.management.base import OutputWrapper
from rich.console import Console
from rich.text import Text

from jobs import words
from jobs.management.terminal import STYLES, one_line
from jobs.models import Job
from jobs.progress import status_object

EVENTS_SHOWN = 50


def show_job(stream: OutputWrapper, screen: Console | None, job: Job) -> None:
    """`name: value` lines, then what happened to the job last, in that order."""
    status = status_object(job)
    for name, value in _facts(job, status):
        if screen is None:
            stream.write(f"{name}: {value}")
        else:
            style = STYLES[status["status"]] if name == "status" else ""
            screen.print(Text(f"{name:<12}", "bold"), Text(value, style), soft_wrap=True)
    for event in reversed(list(job.events.order_by("-id")[:EVENTS_SHOWN])):
        who = f" by {event.actor_name}" if event.actor_name else ""
        what = f"{event.kind}{who} ({event.source})"
        text = one_line(f"{event.at:%Y-%m-%d %H:%M:%S} {what} {event.message}".rstrip())
        if screen is None:
            stream.write(f"event: {text}")
        else:
            screen.print(Text(f"{'event':<12}", "bold"), Text(text), soft_wrap=True)


def show_items(
    stream: OutputWrapper, screen: Console | None, rows: Iterable[dict[str, Any]]
) -> None:
    """One line an item, written while they are read."""
    for row in rows:
        status, path, message = row["status"], one_line(row["path"]), one_line(row["message"])
        if screen is None:
            stream.write(f"{status}\t{path}\t{message}")
        else:
            line = Text.assemble((f"{status:<10} ", STYLES[status]), path, (f"  {message}", "dim"))
            screen.print(line, soft_wrap=True)


def _facts(job: Job, status: words.Status) -> Iterable[tuple[str, str]]:
    facts = {
        "id": status["id"],
        "operation": f"{status['operation']} ({status['label']})",
        "parameters": ", ".join(f"{name}={value}" for name, value in job.parameters.items()),
        "status": status["status"],
        "progress": words.line(status),
        "items": words.counts(status),
        "notice": status["notice"],
        "error": status["error"],
        "left": words.duration(status["eta_seconds"]),
        "created": _moment(status["created_at"], status["created_by"]),
        "started": _moment(status["started_at"], None),
        "finished": _moment(status["finished_at"], status["cancelled_by"]),
        "speed": words.speed(status),
        "took": words.duration(status["active_seconds"] if words.is_over(status) else None),
    }
    return ((name, one_line(str(value))) for name, value in facts.items() if value)


def _moment(at: str | None, who: str | None) -> str:
    return f"{at} by {who}" if at and who else at or ""
