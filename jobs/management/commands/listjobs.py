"""Lists the newest jobs."""

import argparse
from collections.abc import Iterable
from typing import Any

from rich.table import Column, Table
from rich.text import Text

from jobs.management.arguments import number
from jobs.management.base import JobsCommand
from jobs.management.console import console
from jobs.management.output import STYLES, one_line, write_json
from jobs.models import Job
from jobs.progress import Status, status_objects
from jobs.states import ACTIVE, FINISHED, JobStatus

GROUPS = {"active": ACTIVE, "finished": FINISHED}
MAX_LIMIT = 1_000_000_000


class Command(JobsCommand):
    help = "Lists jobs, the newest first."
    examples = """\
  manage.py listjobs
  manage.py listjobs --status active
  manage.py listjobs --status cancelled --limit 0 --json
  manage.py listjobs --status failed | cut -f 1 | xargs -r manage.py retryjob

In a pipe each job is one line of tab-separated fields:
  id, status, processed, total, failed, created at, label"""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add = parser.add_argument
        statuses = [*JobStatus.values, *GROUPS]
        add("--status", choices=statuses, metavar="S", help="only these: %(choices)s")
        limit_help = "at most N jobs, 0 for all (default: %(default)s)"
        add("--limit", type=number(int, 0), default=50, metavar="N", help=limit_help)
        add("--json", action="store_true", help="an array of status objects")

    def handle(self, *args: Any, **options: Any) -> None:
        jobs = Job.objects.select_related("created_by", "cancelled_by")
        if status := options["status"]:
            jobs = jobs.filter(status__in=GROUPS.get(status, [status]))
        found = status_objects(jobs[: min(options["limit"], MAX_LIMIT) or None])
        if options["json"]:
            write_json(self.stdout, found)
        elif (screen := console(self.stdout, **options)) is not None:
            screen.print(_table(found) if found else "There are no jobs.")
        else:
            for one in found:
                self.stdout.write("\t".join(_fields(one)))


def _fields(status: Status) -> Iterable[str]:
    progress = status.progress
    numbers = map(str, (progress.processed, progress.total, progress.failed))
    return status.id, status.status, *numbers, status.created_at, one_line(status.label)


def _table(found: list[Status]) -> Table:
    names = ("Job", "Operation", "Status", "Done", "Failed", "Created")
    columns = [Column(name, no_wrap=True) for name in names]
    columns[3].justify = columns[4].justify = "right"
    table = Table(*columns, "Notice", box=None, pad_edge=False)
    for one in found:
        progress = one.progress
        table.add_row(
            one.id[:8],
            one_line(one.label),
            Text(one.status, STYLES.get(one.status, "")),
            f"{progress.processed:,} / {progress.total:,}",
            Text(f"{progress.failed:,}", "red" if progress.failed else ""),
            one.created_at[:16].replace("T", " "),
            one_line(one.notice or one.error or ""),
        )
    return table
