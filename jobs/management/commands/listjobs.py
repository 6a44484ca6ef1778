"""Lists the newest jobs."""

import argparse
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from jobs import words
from jobs.management.command import JobsCommand
from jobs.management.output import write_json
from jobs.management.terminal import STYLES, console, one_line
from jobs.models import Job
from jobs.progress import status_objects
from jobs.states import ACTIVE, ENDED, JobStatus

GROUPS = {"active": ACTIVE, "ended": ENDED}
DEFAULT_LIMIT = 50
MOST = 1_000_000_000


class Command(JobsCommand):
    help = "Lists jobs, the newest first."
    examples = """\
  manage.py listjobs
  manage.py listjobs --status active
  manage.py listjobs --status cancelled --limit 0 --json
  manage.py listjobs --status failed | cut -f 1 | xargs -r manage.py retryjob

In a pipe each job is one line, its fields between tabs:
  id, status, processed, total, failed, created at, label"""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "--status",
            choices=[*JobStatus.values, *GROUPS],
            metavar="S",
            help="only these: %(choices)s",
        )
        parser.add_argument(
            "--limit",
            type=_limit,
            default=DEFAULT_LIMIT,
            metavar="N",
            help="at most so many, 0 for all (default: %(default)s)",
        )
        parser.add_argument("--json", action="store_true", help="an array of status objects")

    def handle(self, *args: Any, **options: Any) -> None:
        jobs = Job.objects.select_related("created_by", "cancelled_by")
        if status := options["status"]:
            jobs = jobs.filter(status__in=GROUPS.get(status, [status]))
        limit = options["limit"]
        found = status_objects(jobs[:limit] if limit else jobs)
        if options["json"]:
            write_json(self.stdout, found)
        elif (screen := console(self.stdout, **options)) is not None:
            _show(screen, found)
        else:
            for one in found:
                self.stdout.write(_fields(one))


def _limit(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"“{text}” is not a whole number of 0 or more")
    return min(int(text), MOST)


def _fields(status: words.Status) -> str:
    progress = status["progress"]
    fields = (
        status["id"],
        status["status"],
        progress["processed"],
        progress["total"],
        progress["failed"],
        status["created_at"],
        one_line(status["label"]),
    )
    return "\t".join(str(field) for field in fields)


def _show(screen: Console, found: list[words.Status]) -> None:
    if not found:
        screen.print("There are no jobs.")
        return
    table = Table(box=None, pad_edge=False)
    for heading in ("Job", "Operation", "Status"):
        table.add_column(heading, no_wrap=True)
    for heading in ("Done", "Failed"):
        table.add_column(heading, justify="right", no_wrap=True)
    table.add_column("Created", no_wrap=True)
    table.add_column("Notice")
    for one in found:
        progress = one["progress"]
        table.add_row(
            one["id"][:8],
            one_line(one["label"]),
            Text(one["status"], STYLES[one["status"]]),
            f"{progress['processed']:,} / {progress['total']:,}",
            Text(f"{progress['failed']:,}", "red" if progress["failed"] else ""),
            one["created_at"][:16].replace("T", " "),
            one_line(one["notice"] or one["error"] or ""),
        )
    screen.print(table)
