"""Retries jobs."""

from jobs import services
from jobs.management.bulk import RequeueCommand


class Command(RequeueCommand):
    help = "Processes the failed items of paused or finished jobs again, and no others."
    examples = """\
  manage.py retryjob 5c0f1a2b
  manage.py listjobs --status completed | cut -f 1 | xargs -r manage.py retryjob"""
    done = "Retrying"
    service = staticmethod(services.retry_job)
