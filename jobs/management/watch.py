"""Watches a job until it is finished. Ctrl-C cancels the job, a second one exits immediately."""

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType
from typing import NoReturn, TypeVar
from uuid import UUID

from django.core.management.base import OutputWrapper
from django.db import connection

from jobs import services
from jobs.exceptions import JobNotActive, JobNotFound
from jobs.management.base import DATABASE_ERRORS, INTERRUPTED, CommandFailure
from jobs.management.progress_view import PlainView
from jobs.models import Job, JobEvent
from jobs.progress import Status, humanize, status_object
from jobs.states import JobStatus, Transition

T = TypeVar("T")

POLL_SECONDS = 0.5
STEP_SECONDS = 0.1
LOST_SECONDS = 60.0
"""How long to wait for a database that does not answer."""


class Interrupts:
    """A handler of SIGINT that counts Ctrl-C; the second one raises KeyboardInterrupt.

    The first raises nothing, so it never breaks a query or a transaction.
    """

    def __init__(self) -> None:
        self.times = 0
        self.cancelling = False
        """The job is being cancelled for the first one."""
        self.outlook = ""
        """A sentence about what happens to the job if the command ends now; empty: not known."""
        self.database_lost = False
        """The last call did not reach the database."""

    def __bool__(self) -> bool:
        return self.times > 0

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        self.times += 1
        self.should_stop()

    def should_stop(self) -> bool:
        """Return True if the watch should end now.

        Raises KeyboardInterrupt after a second Ctrl-C, again if a library has swallowed it.
        """
        if self.times > 1:
            raise KeyboardInterrupt
        return bool(self) and not self.cancelling


@contextmanager
def counted_interrupts() -> Iterator[Interrupts]:
    """Count SIGINT in the block. Does nothing in a thread, which receives no signals."""
    interrupts = Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    before = signal.signal(signal.SIGINT, interrupts)
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, before)


def read_status(job_id: UUID) -> Status:
    """Return the current status object. Raises JobNotFound."""
    jobs = Job.objects.select_related("created_by", "cancelled_by")
    return status_object(services.get_job(job_id, jobs=jobs))


def watch(
    job_id: UUID,
    view: PlainView,
    interrupts: Interrupts,
    *,
    until: Callable[[Status], bool] = humanize.is_settled,
) -> Status:
    """Show the job until `until(status)` is true, or Ctrl-C. Return its last status object.

    Raises CommandFailure if the job is deleted, and as `_with_database` does.
    """

    def read() -> tuple[Status, bool]:
        status = read_status(job_id)
        return status, until(status)

    interrupts.outlook = interrupts.outlook or f"The job {job_id} continues."
    while True:
        try:
            status, reached = _with_database(read, interrupts)
        except JobNotFound:
            raise CommandFailure("The job was deleted while it was being watched.") from None
        view.show(status)
        if reached or interrupts.should_stop():
            return status
        _pause(interrupts)


def wait_for_end(
    job_id: UUID, view: PlainView, interrupts: Interrupts, actor: services.Actor
) -> Status:
    """Show the job until it is finished, cancelled by Ctrl-C, or paused by the engine.

    Items in flight are waited for, too. A pause by the engine waits for a person, who may be
    absent. Raises CommandFailure as `watch` does; its message says whether the job continues.
    """
    cancel_it = f"cancel it with: manage.py canceljob {job_id}"
    interrupts.outlook = f"The job {job_id} continues; {cancel_it}"
    status = watch(job_id, view, interrupts, until=_is_at_end)
    if interrupts and not humanize.is_settled(status):
        view.write("Cancelling …")
        interrupts.cancelling = True
        started = "items already started run to their end"
        try:
            with suppress(JobNotActive):  # it has just finished
                _with_database(partial(services.cancel_job, job_id, actor=actor), interrupts)
                interrupts.outlook = f"The job {job_id} is cancelled; {started}."
        except KeyboardInterrupt:
            # The second Ctrl-C came before the answer, or the database did not answer.
            if not interrupts.database_lost and not _has_lost_connection():
                interrupts.outlook = f"The job {job_id} is being cancelled; {started}."
            raise
        status = watch(job_id, view, interrupts)
    return status


def _is_at_end(status: Status) -> bool:
    """Return True if the job is finished or paused by the engine, and nothing is in flight."""
    if status.status != JobStatus.PAUSED or status.progress.in_flight:
        return humanize.is_settled(status)
    pauses = JobEvent.objects.filter(job=UUID(status.id), kind=Transition.PAUSE).order_by("-id")
    return pauses.values_list("source", flat=True).first() == "engine"


def _with_database(call: Callable[[], T], interrupts: Interrupts) -> T:
    """Return `call()`. Repeat it while the database is lost.

    Raises CommandFailure after LOST_SECONDS and at Ctrl-C; its message ends with the outlook.
    """
    deadline = time.monotonic() + LOST_SECONDS
    while True:
        try:
            result = call()
            interrupts.database_lost = False
            return result
        except DATABASE_ERRORS as error:
            interrupts.database_lost = True
            connection.close()
            if interrupts.should_stop() or time.monotonic() > deadline:
                code = INTERRUPTED if interrupts else 1
                raise CommandFailure(error, code, interrupts.outlook) from error
        _pause(interrupts)


def _has_lost_connection() -> bool:
    """Return True if the server has ended the connection; its error may still be on its way."""
    own = connection.connection
    return own is None or bool(getattr(own, "closed", False))


def _pause(interrupts: Interrupts) -> None:
    end = time.monotonic() + POLL_SECONDS
    while not interrupts.should_stop() and time.monotonic() < end:
        time.sleep(STEP_SECONDS)


def exit_immediately(stderr: OutputWrapper, outlook: str) -> NoReturn:
    """End this process, and say what happens to the job; without an outlook it was being started.

    Nothing is cleaned up, because an open connection may be what hangs.
    """
    outlook = outlook or "The job may have been started. See: manage.py listjobs --status active"
    stderr.write(f"Exited immediately. {outlook}")
    stderr.flush()
    os._exit(INTERRUPTED)
