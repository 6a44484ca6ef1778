"""Finds and ends every process that descends from one that we started.

Each carries a mark, `NAME=value`, in its environment, which children inherit through forks,
double forks and new sessions. So a pid that was reused is never taken for one of ours.
"""

import contextlib
import time

import psutil

POLL_SECONDS = 0.05


def marked(name: str, value: str) -> list[psutil.Process]:
    """The living processes that were started with `name=value` in their environment.

    A process in the middle of an exec has no environment for a moment and is missed then.
    """
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
    if found and grace_seconds > 0:
        for process in found:
            with contextlib.suppress(psutil.Error):
                process.terminate()
        deadline = time.monotonic() + grace_seconds
        while marked(name, value) and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
    deadline = time.monotonic() + kill_seconds
    seen, sightings_of_none = {process.pid for process in found}, 0
    # Nothing must be seen twice: one that was in an exec would be missed the first time.
    while sightings_of_none < 2 and time.monotonic() < deadline:
        left = marked(name, value)
        seen |= {process.pid for process in left}
        sightings_of_none = 0 if left else sightings_of_none + 1
        for process in left:
            with contextlib.suppress(psutil.Error):
                process.kill()
        time.sleep(POLL_SECONDS)
    return len(seen), len(marked(name, value))
