"""When to start a program again and when to replace it. Pure: time comes from a clock."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

Clock = Callable[[], float]
"""Seconds that only ever grow, such as `time.monotonic`."""


@dataclass
class Restarts:
    """How long to wait before a program that has ended is started again.

    The wait doubles with each short life, from `first_seconds` to `longest_seconds`; a life
    of `healthy_seconds` makes the next wait a short one again.
    """

    first_seconds: float = 0.5
    longest_seconds: float = 30.0
    healthy_seconds: float = 60.0
    _short_lives: int = field(default=0, init=False)

    def wait_seconds(self, lived_seconds: float) -> float:
        if lived_seconds >= self.healthy_seconds:
            self._short_lives = 0
        # Bounded, so that years of restarts do not grow a number without end.
        self._short_lives = min(self._short_lives + 1, 32)
        return min(self.first_seconds * 2.0 ** (self._short_lives - 1), self.longest_seconds)


@dataclass
class StuckWatch:
    """Tells that work waits and nobody takes it, for `patience_seconds` without a break.

    Every replacement that did not help doubles the patience, up to `longest_seconds`: where
    no cluster can work (a disk is gone), replacing it over and over does not help.
    """

    patience_seconds: float = 15.0
    longest_seconds: float = 300.0
    clock: Clock = time.monotonic
    _since: float | None = field(default=None, init=False)
    _looked: float | None = field(default=None, init=False)
    _claims: int | None = field(default=None, init=False)
    _in_vain: int = field(default=0, init=False)

    def is_stuck(self, *, waiting: bool, claims: int) -> bool:
        """`claims` is any number that changes whenever a worker takes an item or shows life."""
        now = self.clock()
        progressed = self._claims is not None and claims != self._claims
        # Whoever was not looked at for long was perhaps asleep like us: the machine was
        # suspended, or the terminal stopped us. What counts is time that was watched.
        watched = self._looked is not None and now - self._looked < self.patience_seconds / 2
        self._claims, self._looked = claims, now
        if progressed:
            self._in_vain = 0
        if progressed or not waiting or not watched or self._since is None:
            self._since = now
            return False
        return now - self._since >= self.current_patience_seconds

    @property
    def current_patience_seconds(self) -> float:
        return min(self.patience_seconds * 2.0**self._in_vain, self.longest_seconds)

    def replaced(self) -> None:
        """A new cluster was started because the old one was stuck."""
        self._in_vain = min(self._in_vain + 1, 32)
        self.forget()

    def forget(self) -> None:
        """Nothing is known any more: begin to wait anew."""
        self._since = self._looked = None
