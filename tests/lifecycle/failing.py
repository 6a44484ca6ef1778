"""A worker whose items end in errors, for the tests of the circuit breaker."""

from jobs.backends import FinishedItem
from jobs.lifecycle.circuit_breaker import trip_if_failing
from jobs.lifecycle.leases import Released
from jobs.models import Job
from tests.support.worker import FakeWorker, finished

FULL = "No space left on device"
SLOW = "Took longer than 5 seconds, the limit of this operation, and was stopped"
OK = None
FINDING = ""
"""A failure of the file itself, which is no sign of an outage."""


class FailingWorker(FakeWorker):
    """Runs an item at each moment, as a real worker does."""

    def __init__(self, job: Job) -> None:
        super().__init__(job)
        self.finish_and_claim()

    def outcome(self, error: str | None) -> FinishedItem:
        """The running item ends with this error, or with OK or FINDING."""
        assert self.item is not None
        if error is OK:
            return finished(self.item)
        return finished(self.item, error, error=error or None)

    def end(self, *errors: str | None) -> bool:
        """Finish one item after the other; True if the last one stopped the job."""
        stopped = False
        for error in errors:
            self.finish_and_claim(self.outcome(error))
            stopped = error is not OK and trip_if_failing(self.job)
        return stopped

    def exceed_time(self) -> Released | None:
        """Its running item exceeds the time limit, so the worker is killed."""
        return self.die(failure=SLOW)


def status(job: Job) -> str:
    """The job's status now; the other fields of `job` are those of now, too."""
    job.refresh_from_db()
    return job.status
