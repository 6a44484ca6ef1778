"""Pauses jobs."""

from uuid import UUID

from jobs import services
from jobs.management.several import SeveralJobsCommand


class Command(SeveralJobsCommand):
    help = (
        "Holds jobs: no worker starts another of their items until they are resumed. "
        "Started items run to their end."
    )
    examples = """\
  manage.py pausejob 5c0f1a2b"""
    done = "Paused"

    def act(self, job_id: UUID) -> None:
        services.pause_job(job_id, actor=self.actor)
