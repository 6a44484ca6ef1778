"""Pauses jobs."""

from jobs import services
from jobs.management.bulk import BulkJobCommand


class Command(BulkJobCommand):
    help = (
        "Pauses jobs: no worker starts another of their items until they are resumed. "
        "Items already started run to their end."
    )
    examples = "  manage.py pausejob 5c0f1a2b"
    done = "Paused"
    service = staticmethod(services.pause_job)
