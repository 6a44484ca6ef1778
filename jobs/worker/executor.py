"""The child process of a task: finds jobs that need a worker and runs their items.

Whatever an operation does to its process happens here, not in django-q2's worker, which only
watches: a crash, an exit, a hang or too much memory costs one `fork` and not the pool.
"""

import logging
import os
import signal
import socket
import threading
from contextlib import closing
from time import monotonic

from django.db import Error, connection

from jobs import backends, operations
from jobs.backends import LeaseLost, dedicated_connection
from jobs.cluster.wakeups import EXECUTOR, Wakeups
from jobs.conf import conf
from jobs.exceptions import JobsError
from jobs.lifecycle import leases, scheduling, transitions
from jobs.lifecycle.leases import Disposition
from jobs.lifecycle.parameters import adapt_parameters
from jobs.lifecycle.preparation import prepare
from jobs.models import EventEntry, Job, Lease
from jobs.operations.private_text import hide
from jobs.processes import identity
from jobs.states import Transition
from jobs.worker.job_runner import JobRunner
from jobs.worker.journal import Journal
from jobs.worker.performer import Performer
from jobs.worker.scoreboard import Scoreboard

logger = logging.getLogger(__name__)

IDLE_POLL_SECONDS = 0.05
"""How often an executor that waits for another job checks whether it has to stop."""

EXIT_DATABASE = 75
"""Exit code: the database did not answer; no item is to blame."""


class Executor:
    """One task. `run` returns when no job needs a worker or the time is up."""

    def __init__(
        self,
        scoreboard: Scoreboard,
        journal: Journal,
        worker: identity.ProcessIdentity,
        cluster_pid: int,
    ) -> None:
        self.scoreboard = scoreboard
        self.journal = journal
        self.worker = worker
        self.cluster_pid = cluster_pid
        self.me = identity.current()
        self.deadline = monotonic() + conf.TASK_SECONDS
        self.connection = dedicated_connection()
        self.runner: JobRunner | None = None
        self.done = threading.Event()
        self.has_served = False  # a job since the last wait

    def run(self) -> None:
        signal.signal(signal.SIGTERM, lambda *_: self.scoreboard.request_stop())
        threading.Thread(target=self._flush_slow_batches, daemon=True).start()
        while not self.scoreboard.stop_requested and monotonic() < self.deadline:
            lease = self._next_lease()
            if lease is not None:
                self._serve(lease)
                self.has_served = True
            elif not self._wait_for_job():
                break
        self.done.set()

    def _wait_for_job(self) -> bool:
        """Wait for another job a while after the last one; False if there was none.

        To go on here takes a third of the time of a new executor.
        """
        if not self.has_served:
            return False
        self.has_served = False
        until = min(monotonic() + conf.LINGER_SECONDS, self.deadline)
        with closing(Wakeups(EXECUTOR)) as wakeups:
            self.scoreboard.set_idle(True)
            # A job may have been made before anybody could wake this process.
            found = scheduling.any_job_needs_worker()
            while not found and not self.scoreboard.stop_requested and monotonic() < until:
                if wakeups.wait(IDLE_POLL_SECONDS):
                    break
        self.scoreboard.set_idle(False)
        return True  # also after a wait in vain: a job may have come at its end

    def _next_lease(self) -> Lease | None:
        """A lease of the job that needs a worker most, or None if no job does."""
        for job in scheduling.next_jobs():
            lease = leases.acquire(
                job.pk,
                host=socket.gethostname(),
                worker=self.worker,
                executor=self.me,
                cluster_pid=self.cluster_pid,
                operation_limit=operations.get(job.operation).max_workers,
            )
            if lease is not None:
                self.scoreboard.lease_taken(lease.pk, lease.holder)
                return lease
        return None

    def _serve(self, lease: Lease) -> None:
        job = Job.objects.get(pk=lease.job_id)
        try:
            if not adapt_parameters(job):
                pass  # the job is paused
            elif not job.prepared:
                prepare(
                    job,
                    should_stop=lambda: self.scoreboard.stop_requested,
                    should_stop_listing=lambda: self.scoreboard.must_stop_listing,
                )
            else:
                self._work(job, lease)
        except LeaseLost:
            extra = {"job": job.pk, "slot": lease.slot}
            logger.warning("the lease was given to another worker", extra=extra)
        except JobsError as error:
            self._fail(job, hide(error.message))
        except Error:
            raise
        except Exception as error:
            # Not the fault of an item: the same would happen again and again.
            logger.exception("the job cannot continue", extra={"job": job.pk})
            self._fail(job, f"The job cannot continue: {operations.describe_failure(error)}")
        backends.current().end_reads()
        # In this order: if the database does not answer, the worker knows what to release.
        leases.release(lease.pk, lease.holder, Disposition())
        self.scoreboard.lease_released()
        transitions.complete_if_done(job.pk)

    def _fail(self, job: Job, message: str) -> None:
        entry = EventEntry("engine", message=message)
        transitions.transition(job.pk, Transition.FAIL, entry, error=message)

    def _work(self, job: Job, lease: Lease) -> None:
        operation = operations.get(job.operation)
        performer = Performer(operation, job.parameters, str(job.pk))
        self.runner = runner = JobRunner(
            job, lease, performer, self.scoreboard, self.journal, self.connection
        )
        slice_ends = monotonic() + conf.SLICE_SECONDS
        try:
            more = runner.begin()
            while more:
                more = runner.step()
                if monotonic() > slice_ends:
                    if monotonic() > self.deadline or self._is_needed_elsewhere(job):
                        break
                    slice_ends = monotonic() + conf.SLICE_SECONDS
            runner.finish()
        finally:
            self.runner = None
            runner.close()

    def _is_needed_elsewhere(self, job: Job) -> bool:
        """Return True if another job needs this worker more."""
        try:
            return scheduling.is_needed_elsewhere(job)
        except Error:
            # The database was restarted. That is no reason to abandon the started item.
            connection.close()
            return False

    def _flush_slow_batches(self) -> None:
        while not self.done.wait(2 * conf.BATCH_SECONDS):
            runner = self.runner
            if runner is not None:
                runner.flush_if_slow()


def main(
    scoreboard: Scoreboard,
    journal: Journal,
    worker: identity.ProcessIdentity,
    cluster_pid: int,
) -> int:
    """Run a task; returns the exit code of its process."""
    try:
        Executor(scoreboard, journal, worker, cluster_pid).run()
    except Error:
        logger.exception("The database does not answer; the worker ends its task")
        return EXIT_DATABASE
    return os.EX_OK
