"""What the Workers page shows of django-q2: its periodic tasks, and tasks that failed.

django-q2's own pages are not registered: they run any function that a schedule names, and
unpickle stored values. Nothing here reads a pickled column.
"""

from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone
from django_q.models import Schedule, Task

from jobs.progress import humanize

FAILURES = 10
"""Failed tasks that are shown, the newest."""


class PeriodicTask(NamedTuple):
    """`last` is "" before the first run."""

    name: str
    function: str
    next_run: datetime | None
    last: str


class FailedTask(NamedTuple):
    name: str
    function: str
    ago: str


def periodic_tasks() -> list[PeriodicTask]:
    """By the time of their next run; two queries."""
    rows = list(
        Schedule.objects.order_by("next_run", "pk").values("name", "func", "next_run", "task")
    )
    ended: dict[str, dict[str, Any]] = {
        task["pk"]: task
        for task in Task.objects.filter(pk__in=[row["task"] for row in rows if row["task"]]).values(
            "pk", "stopped", "success"
        )
    }
    return [
        PeriodicTask(
            row["name"] or row["func"], row["func"], row["next_run"], _last(ended.get(row["task"]))
        )
        for row in rows
    ]


def failed_tasks() -> list[FailedTask]:
    """The newest first; the log has the error of each. One query."""
    rows = Task.objects.filter(success=False).order_by("-stopped").values("name", "func", "stopped")
    return [FailedTask(row["name"], row["func"], _ago(row["stopped"])) for row in rows[:FAILURES]]


def _last(task: dict[str, Any] | None) -> str:
    if task is None:
        return ""
    return f"{'Succeeded' if task['success'] else 'Failed'} {_ago(task['stopped'])}"


def _ago(at: datetime) -> str:
    return f"{humanize.duration(max(0.0, (timezone.now() - at).total_seconds()))} ago"
