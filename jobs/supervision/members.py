"""Finds and ends every process that descends from one that we started.

Each carries a mark, `NAME=value`, in its environment, which children inherit through forks,
double forks and new sessions. So a pid that was reused is never taken for one of ours.
"""

import contextlib
import time

import psutil


def marked(name: str, value: str) -> list[psutil.Process]:
    """The living processes that were started with `name=value` in their environment."""
    found = []
    for process in psutil.process_iter():
        # OSError: /proc may vanish while it is read.
        with contextlib.suppress(psutil.Error, OSError):
            if process.environ().get(name) == value and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
    return found


def end_marked(
    name: str, value: str, *, grace_seconds: float, kill_seconds: float = 5.0
) -> tuple[int, int]:
    """Asks all of them to end, kills those that are left after the grace period.

    Returns how many there were and how many are still there `kill_seconds` after the first
    SIGKILL: a process that waits for a disk cannot be killed. Safe to repeat.
    """
    found = marked(name, value)
    if grace_seconds > 0:
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.terminate()
        psutil.wait_procs(found, timeout=grace_seconds)
    deadline = time.monotonic() + kill_seconds
    # More than once: one of them may have started another while the list was made.
    while left := marked(name, value):
        if time.monotonic() >= deadline:
            break
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        psutil.wait_procs(left, timeout=0.5)
    return len(found), len(left)
