"""Deletes old jobs."""

import argparse
import sys
from typing import Any

from jobs import services
from jobs.management.arguments import number
from jobs.management.base import CommandFailure, JobsCommand
from jobs.management.output import one_line, write_json
from jobs.models import Job
from jobs.progress import humanize


class Command(JobsCommand):
    help = (
        "Deletes jobs that finished more than DAYS days ago, with their items, events and output "
        "files, in batches that block nobody. Unfinished jobs and files of the library are never "
        "deleted. On a terminal it asks first."
    )
    examples = """\
  manage.py prunejobs --older-than 30
  manage.py prunejobs --older-than 0.5 --json --yes

The setting JOBS_RETENTION_DAYS does the same once a day."""

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        add, days = parser.add_argument, number(float, 0, 100_000)
        add("--older-than", type=days, required=True, metavar="DAYS")
        add("--yes", action="store_true", help="do not ask")
        add("--json", action="store_true", help='{"deleted": n}')

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["yes"] and sys.stdin.isatty():
            self._confirm(options["older_than"])
        quiet = options["json"] or options["verbosity"] < 1

        def report(job: Job) -> None:
            if not quiet:
                self.stdout.write(f"{job.pk}\t{job.finished_at:%Y-%m-%d}\t{one_line(job.label)}")
                self.stdout.flush()

        deleted = services.prune_jobs(older_than_days=options["older_than"], progress=report)
        if options["json"]:
            write_json(self.stdout, {"deleted": deleted})
        else:
            self.stderr.write(f"Deleted {humanize.pluralize(deleted, 'job')}.", style_func=str)

    def _confirm(self, days: float) -> None:
        """Say what will be deleted. Raises CommandFailure if not confirmed."""
        jobs, found = services.measure_old_jobs(older_than_days=days)
        if not jobs:
            return
        outputs = f" and {text}" if (text := humanize.outputs(found)) else ""
        question = f"Delete {humanize.pluralize(jobs, 'job')}{outputs} permanently? [y/N] "
        self.stderr.write(question, str, ending="")
        self.stderr.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise CommandFailure("Nothing was deleted.")
