"""Deletes jobs."""

import argparse
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from uuid import UUID

from jobs import services
from jobs.exceptions import JobNotFound
from jobs.management.base import CommandFailure
from jobs.management.bulk import BulkJobCommand, summary
from jobs.management.lookup import AmbiguousId, find_job
from jobs.management.watch import read_status
from jobs.progress import humanize


class Command(BulkJobCommand):
    help = (
        "Deletes finished jobs with their items, events and output files; files of the library "
        "are never deleted. "
        "On a terminal it asks first."
    )
    examples = """\
  manage.py deletejob 5c0f1a2b
  manage.py deletejob 5c0f1a2b 77d01c9e --yes
  manage.py listjobs --status cancelled | cut -f 1 | xargs -r manage.py deletejob

An unfinished job is refused: cancel it first. prunejobs deletes by age."""
    service = staticmethod(services.delete_job)

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["yes"] and sys.stdin.isatty():
            self._confirm(options["jobs"])
        super().handle(*args, **options)

    def act(self, job_id: UUID, **more: Any) -> None:
        self.before = summary(read_status(job_id))
        super().act(job_id)

    def report(self, job_id: UUID) -> None:
        self.stdout.write(f"Deleted {self.before}")

    def _confirm(self, ids: Iterable[str]) -> None:
        """List the jobs, because an id may be short. Raises CommandFailure if not confirmed."""
        outputs = services.OutputSize()
        for given in dict.fromkeys(ids):
            with suppress(JobNotFound, AmbiguousId):  # reported when it is their turn
                job = find_job(given)
                outputs += services.measure_outputs(job)
                self.stderr.write(summary(read_status(job.pk)), style_func=str)
        with_outputs = (
            f", events and {text}" if (text := humanize.outputs(outputs)) else " and events"
        )
        question = f"Delete permanently, with items{with_outputs}? [y/N] "
        self.stderr.write(question, str, ending="")
        self.stderr.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise CommandFailure("Nothing was deleted.")
