"""Deletes old jobs."""

import argparse
import math
from typing import Any

from jobs import services, words
from jobs.management.command import JobsCommand
from jobs.management.output import write_json
from jobs.management.terminal import one_line
from jobs.models import Job


def _days(text: str) -> float:
    try:
        days = float(text)
    except ValueError:
        days = math.nan
    if not 0 <= days <= 100_000:
        raise argparse.ArgumentTypeError(f"“{text}” is not a number of days")
    return days


class Command(JobsCommand):
    help = (
        "Deletes jobs that ended more than DAYS days ago, with their items and events, in "
        "batches that hold nobody up. Jobs that are not over are never deleted, files neither."
    )
    examples = """\
  manage.py prunejobs --older-than 30
  manage.py prunejobs --older-than 0.5 --json

The setting JOBS_KEEP_DAYS does the same once a day."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--older-than", type=_days, required=True, metavar="DAYS")
        parser.add_argument("--json", action="store_true", help='{"deleted": n}')

    def handle(self, *args: Any, **options: Any) -> None:
        days, quiet = options["older_than"], options["json"] or options["verbosity"] < 1

        def tell(job: Job) -> None:
            if not quiet:
                self.stdout.write(f"{job.pk}\t{job.finished_at:%Y-%m-%d}\t{one_line(job.label)}")
                self.stdout.flush()

        deleted = services.prune_jobs(older_than_days=days, progress=tell)
        if options["json"]:
            write_json(self.stdout, {"deleted": deleted})
        else:
            self.stderr.write(f"Deleted {words.several(deleted, 'job')}.", style_func=str)
