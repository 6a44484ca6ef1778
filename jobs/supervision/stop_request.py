"""Notices every way in which somebody asks a program in the foreground to stop."""

import select
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TextIO

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StopRequest:
    """True once somebody has asked; `times` counts, and the second time says: at once.

    A plain number: an Event's lock could be held by the very code that the signal interrupts.
    """

    def __init__(self, terminal: TextIO | None = None) -> None:
        self.times = 0
        self._poll = select.poll()
        self._in_terminal = terminal is not None and not terminal.closed and terminal.isatty()
        if self._in_terminal and terminal is not None:
            self._poll.register(terminal, 0)

    def __bool__(self) -> bool:
        if self._in_terminal and self._poll.poll(0):
            # The window was closed. Only the first process of a session is sent SIGHUP, and
            # that may be a `make` which then waits for us.
            self._in_terminal = False
            self.times += 1
        return self.times > 0

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        self.times += 1


@contextmanager
def stop_request() -> Iterator[StopRequest]:
    """While open, SIGINT, SIGTERM, SIGHUP and a closed terminal ask to stop. Main thread only.

    Under `nohup`, which has SIGHUP ignored, the terminal may go.
    """
    nohup = signal.getsignal(signal.SIGHUP) == signal.SIG_IGN
    request = StopRequest(None if nohup else sys.stdin)
    heard = [number for number in SIGNALS if not (nohup and number == signal.SIGHUP)]
    before = {number: signal.signal(number, request) for number in heard}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
