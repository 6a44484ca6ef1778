"""Waits for a job to its end; Ctrl-C cancels it, a second one leaves at once."""

import os
import time
from typing import NoReturn
from uuid import UUID

from django.core.management.base import OutputWrapper
from django.db import DatabaseError, InterfaceError, connection

from jobs import services, words
from jobs.exceptions import JobNotActive
from jobs.management.command import INTERRUPTED, Error, database_trouble
from jobs.management.following import LOST_SECONDS, POLL_SECONDS, follow
from jobs.management.interrupts import Interrupts
from jobs.management.showing import View
from jobs.models import JobEvent
from jobs.states import JobStatus, Move

_STARTING = (
    "Left at once, while the job was being started: it may go on. "
    "See: manage.py listjobs --status active"
)


def wait_for_end(
    job_id: UUID, view: View, interrupts: Interrupts, actor: services.Actor
) -> words.Status:
    """Show the job until it is over, or cancelled by Ctrl-C and nothing of it runs any more.

    Also until the engine has paused it: that waits for a person, who may not be there.
    Raises Error when the database stays away; it tells whether the job goes on. A second
    Ctrl-C is a KeyboardInterrupt.
    """
    status = follow(
        job_id, view, stop=lambda: bool(interrupts), until=_is_at_rest, goes_on=_goes_on(job_id)
    )
    if interrupts and not words.is_over(status):
        view.say("Cancelling …")
        interrupts.fenced = _cancel(job_id, actor, interrupts)
        told = _fenced(job_id) if interrupts.fenced else _goes_on(job_id)
        status = follow(job_id, view, stop=interrupts.second, goes_on=told)
    return status


def _is_at_rest(status: words.Status) -> bool:
    """It is over, or paused by the engine, and none of its items runs any more."""
    if status["status"] != JobStatus.PAUSED or status["progress"]["in_flight"]:
        return words.is_over(status)
    pauses = JobEvent.objects.filter(job=status["id"], kind=Move.PAUSE).order_by("-id")
    return pauses.values_list("source", flat=True).first() == "engine"


def leave_at_once(stderr: OutputWrapper, job_id: UUID | None, *, fenced: bool = False) -> NoReturn:
    """End this process and tell what becomes of the job; None: of one being started.

    Without cleaning up: what is still open may be the very thing that hangs.
    """
    if job_id is None:
        told = _STARTING
    else:
        told = f"Left at once. {_fenced(job_id) if fenced else _goes_on(job_id)}"
    stderr.write(told)
    stderr.flush()
    os._exit(INTERRUPTED)


def _cancel(job_id: UUID, actor: services.Actor, interrupts: Interrupts) -> bool:
    """Cancel it, as soon as the database answers; False if it ended by itself just then."""
    deadline = time.monotonic() + LOST_SECONDS
    while True:
        try:
            services.cancel_job(job_id, actor=actor)
        except JobNotActive:
            return False
        except (DatabaseError, InterfaceError) as error:
            connection.close()
            interrupts.second()
            if time.monotonic() > deadline:
                told = f"{database_trouble(error)} {_goes_on(job_id)}"
                raise Error(told, returncode=INTERRUPTED) from error
            time.sleep(POLL_SECONDS)
        else:
            return True


def _fenced(job_id: UUID) -> str:
    return f"The job {job_id} is cancelled, but goes on with the items that were started."


def _goes_on(job_id: UUID) -> str:
    return f"The job {job_id} goes on; cancel it with: manage.py canceljob {job_id}"
