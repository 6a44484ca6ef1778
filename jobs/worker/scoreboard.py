"""A few numbers that a worker and its executor share without a system call.

Every field is eight aligned bytes with one writer, so no lock is needed.
"""

import mmap
from time import monotonic

_STARTED, _LIMIT = 0, 1  # floats: start of the current item (0: none), its limit in seconds
_PERMITTED = 2  # float, on `clock.steady`
# Integers, after the floats.
_ITEMS, _LEASE, _TOKEN, _STOP, _FENCED, _LISTENS, _IDLE = 8, 9, 10, 11, 12, 13, 14
_SOON, _NOW = 1, 2  # values of _STOP


class Scoreboard:
    """Shared memory of one task. Created before the fork; ends with its processes."""

    def __init__(self) -> None:
        memory = memoryview(mmap.mmap(-1, 4096))
        self._floats = memory.cast("d")
        self._numbers = memory.cast("q")

    # Written by the executor.

    def item_started(self, limit: float) -> None:
        """An item starts now; it may run for `limit` seconds, 0 meaning without limit."""
        self._floats[_LIMIT] = limit
        self._numbers[_ITEMS] += 1
        self._floats[_STARTED] = monotonic()

    def item_finished(self) -> None:
        self._floats[_STARTED] = 0.0

    def lease_taken(self, lease_id: int, token: int) -> None:
        self._numbers[_LEASE] = lease_id
        self._numbers[_TOKEN] = token

    def lease_released(self) -> None:
        self._numbers[_TOKEN] = 0

    def set_idle(self, idle: bool) -> None:
        """The executor waits for another job, or no longer."""
        self._numbers[_IDLE] = idle

    @property
    def stop_requested(self) -> bool:
        return self._numbers[_STOP] != 0

    @property
    def must_stop_listing(self) -> bool:
        """The worker stops, or the job was cancelled or paused. Begun again, all would be lost."""
        numbers = self._numbers
        return numbers[_STOP] == _NOW or numbers[_FENCED] == numbers[_TOKEN] != 0

    # Written by the worker.

    def lease_fenced(self, token: int) -> None:
        """The lease with this token was seen to be fenced."""
        self._numbers[_FENCED] = token

    def permit_until(self, moment: float) -> None:
        """Items may be started without the database up to this moment of `clock.steady`."""
        self._floats[_PERMITTED] = moment

    def set_listens(self, listens: bool) -> None:
        """Record whether the worker hears of fences: without that there is no permit."""
        self._numbers[_LISTENS] = listens

    def permit(self) -> float:
        """The end of the permit, on `clock.steady`; 0 if there is none."""
        return self._floats[_PERMITTED] if self._numbers[_LISTENS] else 0.0

    def request_stop(self) -> None:
        """Ask the executor to end after its current item: its worker stops."""
        self._numbers[_STOP] = _NOW

    def request_yield(self) -> None:
        """Ask the executor to end after its current item: others want the worker."""
        self._numbers[_STOP] = self._numbers[_STOP] or _SOON

    @property
    def items(self) -> int:
        """How many items were started: distinguishes one item from the next."""
        return self._numbers[_ITEMS]

    @property
    def is_idle(self) -> bool:
        return self._numbers[_IDLE] != 0

    @property
    def runs_item(self) -> bool:
        return self._floats[_STARTED] > 0

    @property
    def overrun(self) -> float | None:
        """The limit that the current item has exceeded, in seconds, or None."""
        number, started, limit = self.items, self._floats[_STARTED], self._floats[_LIMIT]
        late = started > 0 and 0 < limit < monotonic() - started
        # Another item may have started between the reads.
        return limit if late and number == self.items and self._floats[_STARTED] else None

    @property
    def held(self) -> tuple[int, int] | None:
        """Lease id and token that the executor holds, or None."""
        token = self._numbers[_TOKEN]
        return (self._numbers[_LEASE], token) if token else None
