"""The child process of a session: finds jobs that need a worker and runs their items.

Whatever an operation does to its process happens here and not in django-q2's worker,
which only watches (`warden`): a crash, an exit, a hang or too much memory costs one
`fork` and not the pool.
"""

import logging
import os
import signal
import socket
import threading
from time import monotonic

from django.db import Error, connection

from jobs import conf, operations, processes
from jobs.exceptions import JobsError, UnknownOperation
from jobs.leases import Verdict
from jobs.ledger import LeaseLost, own_connection
from jobs.models import Job, Lease
from jobs.preparation import prepare
from jobs.querysets import Entry
from jobs.runner.board import Board
from jobs.runner.journal import Journal
from jobs.runner.perform import Performer
from jobs.runner.slice import Slice
from jobs.states import Move

logger = logging.getLogger(__name__)

EXIT_DATABASE = 75
"""Exit code: the database did not answer; no item is to blame."""


class Executor:
    """One session. `run` returns when nothing is left to do or the time is over."""

    def __init__(
        self, board: Board, journal: Journal, warden: processes.ProcessIdentity, cluster_pid: int
    ) -> None:
        self.board = board
        self.journal = journal
        self.warden = warden
        self.cluster_pid = cluster_pid
        self.me = processes.current()
        self.ends_at = monotonic() + conf.get("SESSION_SECONDS")
        self.connection = own_connection()
        self.slice: Slice | None = None
        self.over = threading.Event()

    def run(self) -> None:
        signal.signal(signal.SIGTERM, lambda *_: self.board.stop())
        threading.Thread(target=self._write_slow_groups, daemon=True).start()
        while not self.board.must_stop and monotonic() < self.ends_at:
            lease = self._next_lease()
            if lease is None:
                break
            self._serve(lease)
        self.over.set()

    def _next_lease(self) -> Lease | None:
        """A place in the job that needs a worker most, or None if none does."""
        for job in Job.objects.first_with_work():
            lease = Lease.objects.acquire(
                job.pk,
                host=socket.gethostname(),
                warden=self.warden,
                executor=self.me,
                cluster_pid=self.cluster_pid,
                operation_limit=_operation_limit(job),
            )
            if lease is not None:
                self.board.hold(lease.pk, lease.holder)
                return lease
        return None

    def _serve(self, lease: Lease) -> None:
        job = Job.objects.get(pk=lease.job_id)
        try:
            if not job.prepared:
                prepare(job, should_stop=lambda: self.board.must_stop)
            else:
                self._work(job, lease)
        except LeaseLost:
            told = {"job": job.pk, "lane": lease.number}
            logger.warning("the place was given to another worker", extra=told)
        except JobsError as error:
            self._fail(job, error.message)
        except Error:
            raise
        except Exception as error:
            # Not the fault of an item: the same would happen again and again.
            logger.exception("the job cannot go on", extra={"job": job.pk})
            self._fail(job, f"The job cannot go on: {operations.describe_failure(error)}")
        # In this order: if the database does not answer, the warden knows what to give back.
        Lease.objects.give_back(lease.pk, lease.holder, Verdict())
        self.board.let_go()
        Job.objects.complete_if_done(job.pk)

    def _fail(self, job: Job, message: str) -> None:
        Job.objects.change(job.pk, Move.FAIL, Entry("engine", message=message), error=message)

    def _work(self, job: Job, lease: Lease) -> None:
        operation = operations.get(job.operation)
        performer = Performer(operation, job.parameters, str(job.pk))
        self.slice = work = Slice(job, lease, performer, self.board, self.journal, self.connection)
        look_round_at = monotonic() + conf.get("SLICE_SECONDS")
        try:
            more = work.begin()
            while more:
                more = work.step()
                if monotonic() > look_round_at:
                    if monotonic() > self.ends_at or self._is_wanted_elsewhere(job):
                        break
                    look_round_at = monotonic() + conf.get("SLICE_SECONDS")
            work.finish()
        finally:
            self.slice = None
            work.close()

    def _is_wanted_elsewhere(self, job: Job) -> bool:
        """Whether another job has so few workers that one of ours should go there."""
        try:
            ours = Lease.objects.held().filter(job=job, fenced=False).count()
            # Our own place is free for another job of the operation once we have left.
            others = Job.objects.with_work(leaving=job.operation).exclude(pk=job.pk)
            other = others.first()
        except Error:
            # The database was restarted. That is no reason to drop the item that is started.
            connection.close()
            return False
        held = None if other is None else vars(other)["held"]
        return held is not None and (held == 0 or held + 1 < ours)

    def _write_slow_groups(self) -> None:
        pause = conf.get("GROUP_SECONDS") * 2
        while not self.over.wait(pause):
            work = self.slice
            if work is not None:
                work.write_if_slow()


def _operation_limit(job: Job) -> int | None:
    try:
        return operations.get(job.operation).max_workers
    except UnknownOperation:
        return None  # the job is going to fail with this error


def main(
    board: Board, journal: Journal, warden: processes.ProcessIdentity, cluster_pid: int
) -> int:
    """Run a session; the exit code of its process."""
    try:
        Executor(board, journal, warden, cluster_pid).run()
    except Error:
        logger.exception("The database does not answer; the worker ends its session")
        return EXIT_DATABASE
    return os.EX_OK
