"""Resumes jobs."""

import argparse
from typing import Any
from uuid import UUID

from jobs import services
from jobs.management.bulk import RequeueCommand


class Command(RequeueCommand):
    help = "Continues paused, cancelled or failed jobs with the items that were not processed."
    examples = """\
  manage.py resumejob 5c0f1a2b
  manage.py resumejob 5c0f1a2b --retry-failed same_error"""
    done = "Resumed"
    service = staticmethod(services.resume_job)

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--retry-failed",
            choices=["same_error"],
            help="after a pause because of equal errors: process the files with that error again",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        self.retry_failed = options["retry_failed"]
        super().handle(*args, **options)

    def act(self, job_id: UUID, **more: Any) -> None:
        super().act(job_id, retry_failed=self.retry_failed, **more)
