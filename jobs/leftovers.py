"""What a process that has died has left running: ends the programs that it had started.

They are found by their session. The number of a process is not given to another one while a
session or a process group still has it.
"""

import os
from contextlib import suppress
from datetime import datetime, timedelta
from time import monotonic, sleep

import psutil

from jobs import conf
from jobs.processes import ProcessIdentity, start_mark

KILL_SECONDS = 1.0
"""So long is waited for a killed process that the kernel holds up."""


def end_leftovers(leader: ProcessIdentity, *, seen_at: datetime | None) -> None:
    """SIGKILL what is left of the session of a local process that has ended; safe to repeat.

    `seen_at`: when the leader was last known to live; None: never. Returns when all are gone, or
    after a second if the kernel holds one up. A program that has begun a session of its own is
    not found.
    """
    if seen_at is None or not leader.is_local or leader.is_replaced:
        return
    left = _in_session(leader.pid)
    # The session may be that of a later process, which had the number after all of ours had
    # ended and has ended as well, as the parents of daemons do. Then all in it are younger.
    latest = seen_at + timedelta(seconds=2 * conf.get("LEASE_SECONDS"))
    if not any(_started_before(process, latest) for process in left):
        return
    give_up_at = monotonic() + KILL_SECONDS
    # Again and again: one of them may start another before its turn to be killed comes.
    while left and monotonic() < give_up_at:
        for process in left:
            with suppress(psutil.Error):
                process.kill()
        sleep(0.002)
        left = _in_session(leader.pid)


def _in_session(number: int) -> list[psutil.Process]:
    found = []
    for pid in psutil.pids():
        # In this order: `kill` does nothing to another process that has the pid by then.
        with suppress(psutil.Error, OSError):
            process = psutil.Process(pid)
            if os.getsid(pid) == number and start_mark(pid) is not None:
                found.append(process)
    return found


def _started_before(process: psutil.Process, moment: datetime) -> bool:
    try:
        return process.create_time() < moment.timestamp()
    except psutil.Error:
        return False
