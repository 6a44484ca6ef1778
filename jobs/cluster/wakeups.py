"""Wakes up the pushers of this machine at once; without it they poll the database.

Each pusher listens at a named pipe in `DATA_DIR/wakeups`. Each byte in it says that a job may need
a worker. It is only a hint: where a pipe is missing, full or not permitted, the pusher finds the
work by polling. Pipes have no limit on the length of their path, which sockets have.
"""

import os
import select
import stat
from contextlib import suppress
from errno import ENXIO
from pathlib import Path

from jobs.conf import conf

FOLDER = "wakeups"


def wake_pushers(workers: int) -> int:
    """Ask each pusher of this machine for up to so many workers; returns how many were asked.

    Never raises, never waits.
    """
    woken = 0
    with suppress(OSError), os.scandir(conf.data_dir / FOLDER) as entries:
        for entry in entries:
            if not entry.name.startswith("."):
                woken += _wake(entry.path, workers)
    return woken


def _wake(path: str, workers: int) -> bool:
    try:
        pipe = os.open(path, os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == ENXIO:  # its pusher has ended
            with suppress(OSError):
                os.unlink(path)
        return False
    try:
        if not stat.S_ISFIFO(os.fstat(pipe).st_mode):
            return False
        with suppress(BlockingIOError):  # full: the pusher is going to read it
            os.write(pipe, bytes(workers))
    except OSError:
        return False
    finally:
        os.close(pipe)
    return True


class Wakeups:
    """The pipe of this process. Without a usable folder, `wait` only waits."""

    def __init__(self) -> None:
        folder = conf.data_dir / FOLDER
        self._pipe = -1
        with suppress(OSError):
            folder.mkdir(exist_ok=True)
            self._pipe = _open(folder)

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
            os.close(self._pipe)
            self._pipe = -1


def _open(folder: Path) -> int:
    """A pipe that has a reader from the moment on at which others see it."""
    made, path = folder / f".{os.getpid()}", folder / str(os.getpid())
    made.unlink(missing_ok=True)
    os.mkfifo(made, 0o600)
    # For writing too: a pipe without a writer would count as readable, at its end.
    pipe = os.open(made, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    made.rename(path)
    return pipe
