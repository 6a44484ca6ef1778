"""Resumes jobs."""

from uuid import UUID

from jobs import services
from jobs.management.several import GoOnCommand


class Command(GoOnCommand):
    help = (
        "Goes on with what was not processed: of a paused job, and of one that was cancelled or "
        "has failed."
    )
    examples = """\
  manage.py resumejob 5c0f1a2b"""
    done = "Resumed"

    def act(self, job_id: UUID) -> None:
        services.resume_job(job_id, actor=self.actor, unchanged_only=self.unchanged_only)
