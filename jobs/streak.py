"""Equal errors in a row: they tell of an outage, not of the files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Streak:
    """The last so many items that one lane has ended: each with this error."""

    length: int = 0
    error: str = ""

    def after(self, error: str | None) -> Streak:
        """What it is when one more item has ended. None: well, or with a finding about the file."""
        if error is None:
            return Streak()
        return Streak(self.length + 1 if error == self.error else 1, error)


def together(streaks: Iterable[Streak]) -> Streak:
    """Those of several lanes as one. If these have seen different errors, there is none."""
    some = [streak for streak in streaks if streak.length]
    if len({streak.error for streak in some}) != 1:
        return Streak()
    return Streak(sum(streak.length for streak in some), some[0].error)
