"""Resumes jobs."""

from jobs import services
from jobs.management.bulk import RequeueCommand


class Command(RequeueCommand):
    help = "Continues paused, cancelled or failed jobs with the items that were not processed."
    examples = "  manage.py resumejob 5c0f1a2b"
    done = "Resumed"
    service = staticmethod(services.resume_job)
