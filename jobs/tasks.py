"""django-q2's entry points."""

from jobs.enqueue import hint
from jobs.models import Job
from jobs.runner import Warden, stopping


def work() -> None:
    """Serve the jobs that need a worker, for one session; see `jobs.runner`.

    A session that died is followed by another at once: its item was given back.
    """
    while not Warden().run() and not stopping.requested() and Job.objects.with_work().exists():
        continue
    if not stopping.requested() and Job.objects.with_work().exists():
        hint(1)
