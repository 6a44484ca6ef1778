"""Cancels jobs."""

import argparse
from typing import Any

from jobs import services
from jobs.exceptions import JobNotActive
from jobs.management.base import CommandFailure
from jobs.management.bulk import BulkJobCommand
from jobs.management.output import write_json
from jobs.progress import humanize


class Command(BulkJobCommand):
    help = (
        "Cancels jobs. After it returns, no worker starts another of their items. Items already "
        "started run to their end; results are kept."
    )
    examples = """\
  manage.py canceljob 5c0f1a2b
  manage.py canceljob --all"""
    done = "Cancelled"
    service = staticmethod(services.cancel_job)
    not_found = JobNotActive
    nargs = "*"

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--all", action="store_true", help="all unfinished jobs")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["all"] == bool(options["jobs"]):
            raise CommandFailure("Give either the ids of jobs or --all.", returncode=2)
        if not options["all"]:
            super().handle(*args, **options)
            return
        cancelled = services.cancel_all(actor=self.actor)
        if options["json"]:
            write_json(self.stdout, {"success": True, "cancelled": cancelled})
        else:
            self.stdout.write(f"Cancelled {humanize.pluralize(cancelled, 'job')}.")
