"""Runs supervised programs in the foreground until a stop is requested, then stops them all."""

import select
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import TextIO

from jobs.processes.adopted import reap_adopted
from jobs.supervisor.supervised import Report, SupervisedProcess

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STEP_SECONDS = 0.1


class StopRequest:
    """A signal handler that is true once a stop was requested.

    `times` counts the requests; the second one asks to stop at once. It is a plain number,
    because a signal may interrupt code that holds the lock of an Event.
    """

    def __init__(self, terminal: TextIO | None = None) -> None:
        """The closing of `terminal` counts as a request."""
        self.times = 0
        self._poll = select.poll()
        self._in_terminal = terminal is not None and not terminal.closed and terminal.isatty()
        if self._in_terminal and terminal is not None:
            self._poll.register(terminal, 0)

    def __bool__(self) -> bool:
        if self._in_terminal and self._poll.poll(0):
            # The kernel sends SIGHUP only to the first process of a session, which may be a
            # `make` that then waits for this one.
            self._in_terminal = False
            self.times += 1
        return self.times > 0

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        self.times += 1


@contextmanager
def stop_request() -> Iterator[StopRequest]:
    """Take SIGINT, SIGTERM, SIGHUP and a closed terminal as requests to stop, while open.

    Works in the main thread only. Under `nohup`, which ignores SIGHUP, the terminal may close.
    """
    nohup = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    request = StopRequest(None if nohup else sys.stdin)
    caught = [number for number in SIGNALS if not (nohup and number == signal.SIGHUP)]
    before = {number: signal.signal(number, request) for number in caught}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def supervise(processes: Sequence[SupervisedProcess], request: StopRequest) -> None:
    """Keep the programs running. Returns when a stop is requested.

    Reaps what a container's first process gets as children because their parents have ended.
    """
    while not request:
        for process in processes:
            process.step()
        _reap(processes)
        time.sleep(STEP_SECONDS)


def stop_all(
    processes: Sequence[SupervisedProcess],
    request: StopRequest,
    *,
    stop_seconds: float,
    report: Report,
) -> bool:
    """Ask all programs to stop, wait up to `stop_seconds`, and kill what is left.

    A further request to stop ends the wait. Returns True if no process is left, at most 5
    seconds a program after the wait. Safe to repeat.
    """
    deadline = time.monotonic() + stop_seconds
    requests = request.times
    for process in processes:
        process.terminate()
    while running := [process.tree.name for process in processes if process.tree.is_running]:
        if time.monotonic() >= deadline or request.times > requests:
            report(f"Killing what has not stopped yet: {', '.join(running)}.")
            break
        _reap(processes)
        time.sleep(STEP_SECONDS)
    grace_seconds = 0.0 if running else 2.0
    remaining = sum(process.tree.kill(grace_seconds=grace_seconds) for process in processes)
    if remaining:
        report(f"{remaining} processes could not be ended; they wait for a disk or a device.")
    return remaining == 0


def _reap(processes: Sequence[SupervisedProcess]) -> None:
    reap_adopted([process.tree.pid for process in processes if process.tree.pid is not None])
