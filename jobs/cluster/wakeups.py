"""Wakes up idle executors and pushers of this machine at once; without it they poll the database.

Each listens at a named pipe in `DATA_DIR/wakeups`. Each byte in it says that a job may need a
worker. It is only a hint: where a pipe is missing, full or not permitted, a pusher finds the work
by polling. Pipes have no limit on the length of their path, which sockets have.
"""

import os
import select
import stat
from contextlib import suppress
from errno import ENXIO
from pathlib import Path

from jobs.conf import conf

FOLDER = "wakeups"


EXECUTOR, PUSHER = "executor", "pusher"


def wake(workers: int) -> int:
    """Ask for up to so many workers on this machine; returns how many were asked for.

    An idle executor is one worker, and has no need to be started. What is missing is asked of
    each pusher. Never raises, never waits.
    """
    found = _pipes()
    woken = _wake_executors(found, workers)
    if woken >= workers:
        return workers
    missing = workers - woken
    pushers = [_wake(path, missing) for path in found if Path(path).name.startswith(PUSHER)]
    return workers if any(pushers) else woken


def wake_executors(workers: int) -> int:
    """Ask up to so many idle executors alone; returns how many. Never raises, never waits."""
    return _wake_executors(_pipes(), workers)


def _pipes() -> list[str]:
    try:
        with os.scandir(conf.data_dir / FOLDER) as entries:
            return sorted(entry.path for entry in entries if not entry.name.startswith("."))
    except OSError:
        return []


def _wake_executors(pipes: list[str], workers: int) -> int:
    woken = 0
    for path in pipes:
        if woken < workers and Path(path).name.startswith(EXECUTOR):
            woken += _wake(path, 1)
    return woken


def _wake(path: str, workers: int) -> bool:
    try:
        pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == ENXIO:  # its reader has ended
            with suppress(OSError):
                os.unlink(path)
        return False
    try:
        if not stat.S_ISFIFO(os.fstat(pipe).st_mode):
            return False
        with suppress(BlockingIOError):  # full: its reader has enough to do
            os.write(pipe, bytes(workers))
    except OSError:
        return False
    finally:
        os.close(pipe)
    return True


class Wakeups:
    """The pipe of this process. Without a usable folder, `wait` only waits."""

    def __init__(self, reader: str) -> None:
        """`reader` is EXECUTOR or PUSHER."""
        folder = conf.data_dir / FOLDER
        self._path = folder / f"{reader}-{os.getpid()}"
        self._pipe = -1
        with suppress(OSError):
            folder.mkdir(exist_ok=True)
            self._pipe = _open(self._path)

    def wait(self, seconds: float) -> int:
        """Wait for up to this time, until workers are asked for; returns how many."""
        listened = [] if self._pipe < 0 else [self._pipe]
        if not select.select(listened, [], [], seconds)[0]:
            return 0
        with suppress(BlockingIOError):
            return len(os.read(self._pipe, 65536))
        return 0

    def close(self) -> None:
        """Listen no more. Safe to repeat."""
        if self._pipe >= 0:
            with suppress(OSError):
                self._path.unlink()
            os.close(self._pipe)
            self._pipe = -1


def _open(path: Path) -> int:
    """A pipe that has a reader from the moment on at which others see it."""
    made = path.with_name(f".{path.name}")
    made.unlink(missing_ok=True)
    os.mkfifo(made, 0o600)
    # For writing too: a pipe without a writer would count as readable, at its end.
    pipe = os.open(made, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    made.rename(path)
    return pipe
