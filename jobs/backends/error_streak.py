"""Equal errors in a row: the sign of an outage, not of bad files."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorStreak:
    """The last `length` items that a slot has finished: each with this error."""

    length: int = 0
    error: str = ""

    def after(self, error: str | None) -> "ErrorStreak":
        """The streak after one more item. None: a success, or a finding about the file."""
        if error is None:
            return ErrorStreak()
        return ErrorStreak(self.length + 1 if error == self.error else 1, error)


def merge(streaks: Iterable[ErrorStreak]) -> ErrorStreak:
    """The streaks of several slots as one; empty if their errors differ."""
    some = [streak for streak in streaks if streak.length]
    if len({streak.error for streak in some}) != 1:
        return ErrorStreak()
    return ErrorStreak(sum(streak.length for streak in some), some[0].error)
