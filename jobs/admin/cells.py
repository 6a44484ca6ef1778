"""What the admin shows of a job that changes while it runs: as text, and as elements."""

from datetime import datetime
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.html import format_html
from django.utils.safestring import SafeString

from jobs import words
from jobs.models import Job
from jobs.states import JobStatus

NONE = "–"
"""For what there is not. Django's `empty_value` is not used for fields of a page."""
SHORT = "%b %d %H:%M"
FULL = "%Y-%m-%d %H:%M:%S"


def cells(status: words.Status) -> dict[str, Any]:
    """The texts by the name of their field. A script asks for them again while `live`."""
    progress = status["progress"]
    cancelling = status["status"] == JobStatus.CANCELLED and progress["in_flight"]
    started, finished = _time(status, "started_at"), _time(status, "finished_at")
    rate = words.rate(status)
    return {
        "live": not words.is_over(status),
        "state": status["status"],
        "percent": progress["percent"],
        "status": "Cancelling…" if cancelling else JobStatus(status["status"]).label,
        "done": f"{progress['processed']:,} / {progress['total']:,}",
        "failed": f"{progress['failed']:,}",
        "counts": words.counts(status),
        "duration": words.duration(status["active_seconds"]),
        "speed": f"{rate:,.1f}/s" if rate else "",
        "left": words.duration(status["eta_seconds"]),
        "current": ", ".join(
            f"{one['path']} ({words.duration(one['seconds'])})" for one in status["current"]
        ),
        "notice": status["notice"] or status["error"] or "",
        "started": f"{started:{SHORT}}" if started else NONE,
        "started_in_full": f"{started:{FULL}}" if started else NONE,
        "finished": f"{finished:{FULL}}" if finished else NONE,
    }


def text(status: words.Status, field: str) -> SafeString:
    """The element in which the script keeps the text of this field true."""
    return kept(status, field, cells(status)[field])


def kept(status: words.Status, field: str, content: str) -> SafeString:
    """As `text`, for content that shows this text."""
    return format_html(
        '<span data-job="{}" data-field="{}">{}</span>', status["id"], field, content
    )


def badge(status: words.Status) -> SafeString:
    found = cells(status)
    return format_html(
        '<span class="job-badge" data-job="{}" data-field="status" data-state="{}">{}</span>',
        status["id"],
        found["state"],
        found["status"],
    )


def bar(status: words.Status) -> SafeString:
    """The bar with its numbers; `data-live` tells the script that it moves."""
    found = cells(status)
    return format_html(
        '<span class="job-bar"><progress max="100" value="{}" data-job="{}" data-field="percent"'
        ' data-live="{}" aria-label="{}">{}%</progress> {}</span>',
        found["percent"],
        status["id"],
        "true" if found["live"] else "false",
        f"Progress of {status['label']}",
        found["percent"],
        text(status, "done"),
    )


def job_name(job: Job) -> SafeString:
    """Its label and the beginning of its id."""
    return format_html('{} <code title="{}">{}</code>', job.label, job.pk, str(job.pk)[:8])


def moment(at: datetime | None, form: str = FULL) -> SafeString | str:
    """A time in UTC, written in this form, which its title tells in full."""
    if at is None:
        return NONE
    return format_html(
        '<time class="nowrap" datetime="{}" title="{}">{}</time>',
        at.isoformat(),
        f"{at:{FULL}} UTC",
        f"{at:{form}}",
    )


def _time(status: words.Status, name: str) -> datetime | None:
    return parse_datetime(status[name] or "")
