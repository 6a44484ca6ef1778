"""How fast items go: decides how many are claimed together, and tells the speed."""

from collections import deque
from time import monotonic

WINDOW_SECONDS = 10.0
"""Speed is that of the recent past."""


class Pace:
    """The recent speed of one lane, and the size of its next group.

    A group is meant to last `group_seconds`, so that its results are seen soon, that an
    unlucky crash repeats little, and that work is shared evenly; slow items go one by one.
    """

    def __init__(self, group_seconds: float, group_items: int) -> None:
        self.group_seconds = group_seconds
        self.group_items = group_items
        self.want = 1
        self.item_seconds = 0.0
        self._marks: deque[tuple[float, int]] = deque([(monotonic(), 0)])
        self._count = 0

    def group_ended(self, items: int, seconds: float, *, cautious: bool) -> None:
        """Learn from a group of `items` that took `seconds`; `cautious`: go one by one now."""
        if not items:
            return
        mean = seconds / items
        self.item_seconds = mean if not self.item_seconds else 0.7 * self.item_seconds + 0.3 * mean
        fitting = int(self.group_seconds / max(mean, 1e-6))
        # Twice as many at most: one quick item does not tell much about the next.
        self.want = 1 if cautious else max(1, min(fitting, 2 * self.want, self.group_items))
        self._count += items
        now = monotonic()
        if now - self._marks[-1][0] >= 0.25:
            self._marks.append((now, self._count))
            while len(self._marks) > 2 and now - self._marks[1][0] > WINDOW_SECONDS:
                self._marks.popleft()

    @property
    def rate(self) -> float:
        """Items per second over the last ten seconds, or over the last item if it took longer."""
        since, count = self._marks[0]
        elapsed = monotonic() - since
        return (self._count - count) / elapsed if elapsed > 0 else 0.0
