"""Cancels jobs."""

import argparse
from typing import Any
from uuid import UUID

from jobs import services
from jobs.exceptions import JobNotActive
from jobs.management.command import Error
from jobs.management.output import write_json
from jobs.management.several import SeveralJobsCommand


class Command(SeveralJobsCommand):
    help = (
        "Cancels jobs: once this has returned, no worker starts another of their items. "
        "Started items run to their end; what was processed stays."
    )
    examples = """\
  manage.py canceljob 5c0f1a2b
  manage.py canceljob --all"""
    done = "Cancelled"
    unknown = JobNotActive

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument(
            "jobs", nargs="*", metavar="ID", help="a job's id, or enough of its beginning"
        )
        parser.add_argument("--all", action="store_true", help="every job that is not over")
        self.add_json(parser)

    def act(self, job_id: UUID) -> None:
        services.cancel_job(job_id, actor=self.actor)

    def handle(self, *args: Any, **options: Any) -> None:
        if options["all"] == bool(options["jobs"]):
            raise Error("Give either the ids of jobs or --all.", returncode=2)
        if not options["all"]:
            super().handle(*args, **options)
            return
        cancelled = services.cancel_all(actor=self.actor)
        if options["json"]:
            write_json(self.stdout, {"success": True, "cancelled": cancelled})
        else:
            jobs = "job" if cancelled == 1 else "jobs"
            self.stdout.write(f"Cancelled {cancelled:,} {jobs}.")
