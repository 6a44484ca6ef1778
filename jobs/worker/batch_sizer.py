"""Measures the speed of a worker, and decides how many items are claimed together."""

from collections import deque
from time import monotonic

WINDOW_SECONDS = 10.0
"""The rate is that of the recent past."""


class BatchSizer:
    """The recent speed of one slot, and the size of its next batch.

    A batch is meant to last `batch_seconds`: its results appear soon, a crash repeats little,
    and workers share the items evenly. Slow items are claimed one by one.
    """

    def __init__(self, batch_seconds: float, batch_items: int) -> None:
        self.batch_seconds = batch_seconds
        self.batch_items = batch_items
        self.size = 1
        self.item_seconds = 0.0
        self._marks: deque[tuple[float, int]] = deque([(monotonic(), 0)])
        self._count = 0

    def batch_finished(self, items: int, seconds: float, *, cautious: bool) -> None:
        """Learn from a batch of `items` that took `seconds`; `cautious`: claim one item next."""
        if not items:
            return
        mean = seconds / items
        self.item_seconds = mean if not self.item_seconds else 0.7 * self.item_seconds + 0.3 * mean
        fitting = int(self.batch_seconds / max(mean, 1e-6))
        # At most twice as many: one quick item says little about the next.
        self.size = 1 if cautious else max(1, min(fitting, 2 * self.size, self.batch_items))
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
