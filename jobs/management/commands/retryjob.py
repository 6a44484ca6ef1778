"""Retries jobs."""

from uuid import UUID

from jobs import services
from jobs.management.several import GoOnCommand


class Command(GoOnCommand):
    help = "Does again what failed in a job that is over, and only that."
    examples = """\
  manage.py retryjob 5c0f1a2b
  manage.py listjobs --status completed | cut -f 1 | xargs -r manage.py retryjob"""
    done = "Retrying"

    def act(self, job_id: UUID) -> None:
        services.retry_job(job_id, actor=self.actor, unchanged_only=self.unchanged_only)
