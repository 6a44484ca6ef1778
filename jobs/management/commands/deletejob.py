"""Deletes jobs."""

import argparse
import sys
from collections.abc import Iterable
from contextlib import suppress
from typing import Any
from uuid import UUID

from jobs import services, words
from jobs.exceptions import JobNotFound
from jobs.management.command import Error
from jobs.management.finding import AmbiguousId, find_job
from jobs.management.following import look
from jobs.management.several import SeveralJobsCommand
from jobs.management.terminal import one_line


class Command(SeveralJobsCommand):
    help = (
        "Deletes jobs that are over, with their items and events; files are never deleted. "
        "On a terminal it asks first."
    )
    examples = """\
  manage.py deletejob 5c0f1a2b
  manage.py deletejob 5c0f1a2b 77d01c9e --yes
  manage.py listjobs --status cancelled | cut -f 1 | xargs -r manage.py deletejob

A job that is not over is refused: cancel it first. prunejobs deletes by age."""
    done = "Deleted"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["yes"] and sys.stdin.isatty():
            self._ask(options["jobs"])
        super().handle(*args, **options)

    def act(self, job_id: UUID) -> None:
        self.before = look(job_id)
        services.delete_job(job_id, actor=self.actor)

    def tell(self, job_id: UUID) -> None:
        self.tell_of(self.before)

    def _ask(self, given: Iterable[str]) -> None:
        """Raise Error unless the person agrees. An id may be short, so the jobs are told first."""
        for one in dict.fromkeys(given):
            with suppress(JobNotFound, AmbiguousId):  # told when it is its turn
                status = look(find_job(one).pk)
                told = f"{status['id']} {one_line(status['label'])}: {words.counts(status)}"
                self.stderr.write(told, style_func=str)
        self.stderr.write("Delete for good, with items and events? [y/N] ", str, ending="")
        self.stderr.flush()
        if sys.stdin.readline().strip().lower() not in ("y", "yes"):
            raise Error("Nothing was deleted.")
