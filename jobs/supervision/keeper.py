"""Keeps one group running: starts it again when it has ended, after a wait that grows."""

import signal
import time
from collections.abc import Callable

from jobs.supervision.decisions import Clock, Restarts
from jobs.supervision.group import Group

Report = Callable[[str], None]
"""Takes one sentence for a person."""


class Keeper:
    """`step()` is called a few times a second and never waits for long."""

    def __init__(
        self, group: Group, *, report: Report, clock: Clock = time.monotonic, restart: bool = True
    ) -> None:
        self.group = group
        self._report = report
        self._clock = clock
        self._restart = restart
        self._restarts = Restarts()
        self._start_at: float | None = None

    def start(self) -> None:
        self._start_at = None
        self.group.start()

    def ask_to_stop(self) -> None:
        self.group.ask_to_stop()

    def step(self) -> None:
        if self._start_at is not None:
            if self._clock() >= self._start_at:
                self.start()
        elif not self.group.is_running and self._restart:
            self._ended()

    def _ended(self) -> None:
        wait_seconds = self._restarts.wait_seconds(self.group.lived_seconds)
        how = how_it_ended(self.group.exit_code)
        # What it has left behind would go on beside its successor.
        self.group.end()
        self._report(f"The {self.group.name} {how}; it is started again in {wait_seconds:g} s.")
        self._start_at = self._clock() + wait_seconds


def how_it_ended(exit_code: int | None) -> str:
    """Completes a sentence: "was killed by SIGKILL", "ended with exit code 1"."""
    if exit_code is not None and exit_code < 0:
        try:
            return f"was killed by {signal.Signals(-exit_code).name}"
        except ValueError:
            return f"was killed by signal {-exit_code}"
    return f"ended with exit code {exit_code}"
