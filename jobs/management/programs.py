"""The programs that `serve` and `runcluster` keep running, as this site runs them."""

import contextlib
import sys
from pathlib import Path
from typing import TextIO

from django.conf import settings
from django.core.management.base import OutputWrapper
from django.db import close_old_connections

from jobs import conf, services
from jobs.supervision.cluster import ClusterKeeper
from jobs.supervision.decisions import StuckWatch
from jobs.supervision.group import Group
from jobs.supervision.keeper import Report
from jobs.supervision.lookout import Lookout, Sight

STUCK_AFTER_SECONDS = 15.0

GUNICORN = [sys.executable, "-m", "gunicorn", "-c", settings.GUNICORN_CONFIG]


def say(stream: TextIO | OutputWrapper, sentence: str) -> None:
    """Writes one line at once. A terminal that has been closed must not stop the stopping."""
    with contextlib.suppress(OSError, ValueError):
        stream.write(f"{sentence}\n")
        stream.flush()


def stop_seconds() -> float:
    """A cluster needs `STOP_SECONDS` to give back what it works on, and a little to end."""
    return float(conf.get("STOP_SECONDS")) + 10.0


def manage(*arguments: str) -> list[str]:
    """The command line of a `manage.py` command, whatever the current folder is."""
    return [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), *arguments]


def cluster_keeper(
    *,
    report: Report,
    stuck_after_seconds: float = STUCK_AFTER_SECONDS,
    env: dict[str, str] | None = None,
) -> ClusterKeeper:
    """A django-q cluster that is replaced when work waits and it takes none."""
    # Debug mode keeps every query in memory, which is of no use to a cluster.
    group = Group("cluster", manage("qcluster"), env={"DJANGO_DEBUG": "false", **(env or {})})
    # Items of dead workers come back when their leases end; before that nobody is stuck.
    patience = max(stuck_after_seconds, 1.5 * float(conf.get("LEASE_SECONDS")))
    return ClusterKeeper(
        group,
        report=report,
        lookout=Lookout(lambda: look_at_work(group)),
        watch=StuckWatch(patience_seconds=patience),
        replaced=services.record_cluster_replaced,
    )


def look_at_work(cluster: Group) -> Sight:
    """Does work wait, and what have this cluster's workers done? Raises the database's errors."""
    close_old_connections()
    # A place in a job names the sentinel, which is the main process's child.
    claims = services.claims_made(cluster.child_pids)
    return Sight(waiting=services.waiting_work(), claims=claims)
