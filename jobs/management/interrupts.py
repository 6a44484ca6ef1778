"""Ctrl-C, counted."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Interrupts:
    """Counts Ctrl-C: the first is only remembered, a second one raises KeyboardInterrupt.

    So the first never tears a query or a transaction apart.
    """

    def __init__(self) -> None:
        self.times = 0
        self.fenced = False
        """The first one has cancelled the job."""

    def __bool__(self) -> bool:
        return self.times > 0

    def __call__(self, _signal: int, _frame: FrameType | None) -> None:
        self.times += 1
        self.second()

    def second(self) -> bool:
        """False, or KeyboardInterrupt again: a library may have caught the one of the signal."""
        if self.times > 1:
            raise KeyboardInterrupt
        return False


@contextmanager
def counted_interrupts() -> Iterator[Interrupts]:
    """While open, SIGINT is counted; in a thread, which gets none, there is nothing to count."""
    interrupts = Interrupts()
    if threading.current_thread() is not threading.main_thread():
        yield interrupts
        return
    before = signal.signal(signal.SIGINT, interrupts)
    try:
        yield interrupts
    finally:
        signal.signal(signal.SIGINT, before)
