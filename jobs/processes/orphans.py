"""Kills the programs that a dead process has left running.

They are found by their session. The kernel does not give a pid to another process while a
session or a process group still has that number.
"""

import os
import time
from contextlib import suppress
from datetime import datetime, timedelta

import psutil

from jobs.conf import conf
from jobs.processes import clock
from jobs.processes.identity import ProcessIdentity, start_mark

KILL_SECONDS = 1.0
"""How long to wait for a killed process that the kernel holds up."""


def kill_orphans(leader: ProcessIdentity, *, seen_at: datetime | None) -> None:
    """SIGKILL what is left of the session of a local process that has ended. Safe to repeat.

    `seen_at` is when the leader was last known to live; None: never. Returns when all are dead,
    or after KILL_SECONDS if the kernel holds one up. Does not find a program that has started a
    session of its own.
    """
    if seen_at is None or not leader.is_local or leader.is_replaced:
        return
    left = _in_session(leader.pid)
    # The session may belong to a later process, which got the pid after all of ours had ended
    # and has ended as well, as the parents of daemons do. Then all its processes are younger.
    latest = seen_at + timedelta(seconds=2 * conf.LEASE_SECONDS)
    if not any(_started_before(process, latest) for process in left):
        return
    give_up_at = time.monotonic() + KILL_SECONDS
    # Repeated, because one of them may start another before it is killed itself.
    while left and time.monotonic() < give_up_at:
        for process in left:
            with suppress(psutil.Error):
                process.kill()
        time.sleep(0.002)
        left = _in_session(leader.pid)


def _in_session(session_id: int) -> list[psutil.Process]:
    found = []
    for pid in psutil.pids():
        # In this order, `kill` does nothing to another process that has the pid by then.
        with suppress(psutil.Error, OSError):
            process = psutil.Process(pid)
            if os.getsid(pid) == session_id and start_mark(pid) is not None:
                found.append(process)
    return found


def _started_before(process: psutil.Process, moment: datetime) -> bool:
    started = start_mark(process.pid)
    if started is None:
        return False
    if clock.CLOCK is None:
        return started < moment.timestamp()
    # In ticks since the boot; the date of a start is another one after the clock was set.
    age = clock.seconds() - started / os.sysconf("SC_CLK_TCK")
    return time.time() - age < moment.timestamp()
