"""When to restart a program and when to replace it. Pure: time comes from a clock."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

Clock = Callable[[], float]
"""Returns seconds that only grow, such as `time.monotonic`."""


@dataclass
class RestartPolicy:
    """How long to wait before a program that has ended is started again.

    The wait doubles after each short life, from `first_seconds` to `longest_seconds`. After a
    life of at least `healthy_seconds` it starts at `first_seconds` again.
    """

    first_seconds: float = 0.5
    longest_seconds: float = 30.0
    healthy_seconds: float = 60.0
    _short_lives: int = field(default=0, init=False)

    def wait_seconds(self, lived_seconds: float) -> float:
        """Record a life of this length. Return the seconds to wait before the next start."""
        if lived_seconds >= self.healthy_seconds:
            self._short_lives = 0
        # Bounded, so that the power below cannot overflow after years of restarts.
        self._short_lives = min(self._short_lives + 1, 32)
        return min(self.first_seconds * 2.0 ** (self._short_lives - 1), self.longest_seconds)


@dataclass
class StuckDetector:
    """Detects that work was waiting for `threshold_seconds` and no worker picked it up.

    Every replacement that did not help doubles the threshold, up to `longest_seconds`. Where no
    cluster can work, for example without a disk, frequent replacements do not help.
    """

    threshold_seconds: float = 15.0
    longest_seconds: float = 300.0
    clock: Clock = time.monotonic
    _since: float | None = field(default=None, init=False)
    _checked_at: float | None = field(default=None, init=False)
    _marker: int | None = field(default=None, init=False)
    _failed_replacements: int = field(default=0, init=False)

    def is_stuck(self, *, work_waiting: bool, progress_marker: int) -> bool:
        """Return True if the cluster should be replaced.

        `progress_marker` is any number that changes with each claim and each heartbeat.
        """
        now = self.clock()
        progressed = self._marker is not None and progress_marker != self._marker
        # A long gap between checks does not count: the machine or this process was suspended,
        # and perhaps the cluster was, too.
        observed = (
            self._checked_at is not None and now - self._checked_at < self.threshold_seconds / 2
        )
        self._marker, self._checked_at = progress_marker, now
        if progressed:
            self._failed_replacements = 0
        if progressed or not work_waiting or not observed or self._since is None:
            self._since = now
            return False
        return now - self._since >= self.current_threshold_seconds

    @property
    def current_threshold_seconds(self) -> float:
        return min(self.threshold_seconds * 2.0**self._failed_replacements, self.longest_seconds)

    def replaced(self) -> None:
        """Record that a new cluster was started because the old one was stuck."""
        self._failed_replacements = min(self._failed_replacements + 1, 32)
        self.reset()

    def reset(self) -> None:
        """Forget what was observed, and start to measure again."""
        self._since = self._checked_at = None
