"""Writes one job and its items as text: coloured on a terminal, plain lines elsewhere."""

from collections.abc import Iterable, Iterator

from django.core.management.base import OutputWrapper
from rich.console import Console
from rich.text import Text

from jobs.management.output import STYLES, one_line
from jobs.models import Job
from jobs.progress import Status, humanize, status_object
from jobs.progress.items import Item
from jobs.states import shown_status

EVENTS_SHOWN = 50


def show_job(stream: OutputWrapper, screen: Console | None, job: Job) -> None:
    """Write `name: value` lines, then the newest EVENTS_SHOWN events from old to new."""
    status = status_object(job)
    for name, value in (*_facts(job, status), *_events(job)):
        if screen is None:
            stream.write(f"{name}: {one_line(value)}")
        else:
            style = STYLES.get(status.status, "") if name == "status" else ""
            text = Text(one_line(value), style)
            screen.print(Text(f"{name:<12}", "bold"), text, soft_wrap=True)


def show_items(stream: OutputWrapper, screen: Console | None, rows: Iterable[Item]) -> None:
    """Write one line an item, while the items are read."""
    for row in rows:
        status, path, message = row["status"], one_line(row["path"]), one_line(row["message"])
        depth = humanize.depth(row["result"])
        if screen is None:
            stream.write("\t".join([status, path, message, *([depth] if depth else [])]))
        else:
            shown = shown_status(status, message)
            more = "  ".join(["", *filter(None, (message, depth))])
            line = Text.assemble((f"{shown:<10} ", STYLES.get(shown, "")), path, (more, "dim"))
            screen.print(line, soft_wrap=True)


def _facts(job: Job, status: Status) -> Iterator[tuple[str, str]]:
    facts = {
        "id": status.id,
        "operation": f"{status.operation} ({status.label})",
        "parameters": ", ".join(f"{name}={value}" for name, value in job.parameters.items()),
        "status": status.status,
        "progress": humanize.progress_line(status),
        "items": humanize.counts(status),
        "summary": status.summary,
        "notice": status.notice,
        "error": status.error,
        "left": humanize.duration(status.eta_seconds),
        "created": _moment(status.created_at, status.created_by),
        "started": status.started_at,
        "finished": _moment(status.finished_at, status.cancelled_by),
        "speed": humanize.speed(status),
        "took": humanize.duration(status.active_seconds if humanize.is_settled(status) else None),
    }
    return ((name, str(value)) for name, value in facts.items() if value)


def _events(job: Job) -> Iterator[tuple[str, str]]:
    for event in reversed(list(job.events.order_by("-id")[:EVENTS_SHOWN])):
        actor = f" by {event.actor_name}" if event.actor_name else ""
        what = f"{event.at:%Y-%m-%d %H:%M:%S} {event.kind}{actor} ({event.source})"
        yield "event", f"{what} {event.message}".rstrip()


def _moment(at: str | None, who: str | None) -> str:
    return f"{at} by {who}" if at and who else at or ""
