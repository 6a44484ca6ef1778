"""The ledger of one lease: what is common to all databases."""

import abc
from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any

from django.db import Error

from jobs.models import Lease
from jobs.states import ItemStatus
from jobs.streak import Streak


class LeaseLost(Exception):
    """The place was given back and may be another's; nothing was written."""


@dataclass(slots=True)
class Claimed:
    """An item that this lease holds and nobody else may start."""

    id: int
    position: int
    key: str
    attempts: int
    file_id: int | None
    previous: dict[str, Any] | None = None


@dataclass(slots=True)
class Ended:
    """How an item ended. Times are seconds since the epoch; `result` and `remember` are JSON.

    `error`: what its message has in common with those of other files, if it may be the sign of
    an outage; None if the item ended well or with a finding about this file.
    """

    item: Claimed
    status: ItemStatus
    message: str
    result: str | None
    started_at: float
    finished_at: float
    remember: str | None = None
    error: str | None = None


@dataclass(slots=True)
class Gauges:
    """What a turn reports besides the items: see the fields of `Lease` of the same names."""

    rate: float = 0.0
    item_seconds: float = 0.0


@dataclass(slots=True)
class LeaseRow:
    """The part of a lease row that a turn reads under its lock."""

    fenced: bool
    sequence: int
    first: int | None
    last: int | None
    since: float | None


class Ledger(abc.ABC):
    """Claims, starts and finishes the items of one lease.

    The order of calls is: `turn([], n)` claims the first group and starts its first item;
    `start` starts each further one of the group; the next `turn` writes how the group
    ended, claims another and starts its first. A start is one step that demands that the
    lease is not fenced, atomic against cancel and pause, which fence it in the transaction
    that changes the job's status: an UPDATE of the lease's own row, or a pass through its
    gate.

    `sequence` counts what this lane has ever finished. A turn compares it with the row's,
    so that repeating a turn after a lost connection does nothing twice.
    """

    def __init__(self, lease: Lease, connection: Any, *, operation: str, remembers: bool) -> None:
        self.lease_id = lease.pk
        self.token = lease.holder
        self.job_id = lease.job_id
        self.number = lease.number
        self.sequence = lease.sequence
        self.streak = Streak(lease.streak, lease.streak_message)
        """Of all that is written; the lane's earlier holders have begun it."""
        self.operation = operation
        self.remembers = remembers
        self.after = -1
        """Positions up to here were claimed by somebody; a claim looks behind it first."""
        self.span: tuple[int, int] | None = None
        """First and last position of what we hold."""
        self.held = 0
        """How many items we hold."""
        self.connection = connection
        self.attach()

    def turn(self, ended: list[Ended], want: int, gauges: Gauges) -> list[Claimed]:
        """Finish `ended`, claim at most `want` items, start the first: one transaction.

        Whatever else is still held is freed. Returns the claimed items in the job's order:
        none if the lease is fenced, if nothing is free, or if `want` is 0. A claimed item
        that is alone is written as `processing`; in a group the lease row alone says which
        item is running.

        Raises LeaseLost if the place is not ours any more (nothing is written), and
        django.db.OperationalError if the database went away; then the same call may be
        repeated after `reconnect`: if the first one had been committed, the lease row says so
        by its sequence and range, and nothing is done twice.
        """
        rows, streak = self.ended_rows(ended), self._streak_after(ended)
        with self.transaction():
            row, repeated = self._record(ended, rows)
            if repeated:
                held = row.first is not None and row.last is not None
                items = self.held_items(row.first or 0, row.last or 0) if held else []
            else:
                if self.span is not None and self.held > len(ended):
                    self.release_span(*self.span)
                if ended:
                    # What was claimed behind it and not started comes next, in the job's order.
                    self.after = ended[-1].item.position
                items = [] if row.fenced or want < 1 else self._claim_next(want)
                span = (items[0].position, items[-1].position) if items else None
                self.write_lease(ended, items[0].id if items else None, span, gauges, streak)
        self.sequence += len(ended)
        self.streak = streak
        self.turned(items[0].id if items else None, row.since if repeated else None)
        self.span = (items[0].position, items[-1].position) if items else None
        self.held = len(items)
        if items:
            self.after = items[-1].position
        return items

    def flush(self, ended: list[Ended], current: Claimed, gauges: Gauges) -> None:
        """Finish `ended` while `current` runs on, and free what is claimed behind it.

        For an item that turns out slow in a group that was expected to be quick. Raises
        as `turn` does.
        """
        span = (current.position, current.position)
        rows, streak = self.ended_rows(ended), self._streak_after(ended)
        with self.transaction():
            row, repeated = self._record(ended, rows)
            if not repeated:
                if self.span is not None and self.held > len(ended) + 1:
                    self.release_span(current.position + 1, self.span[1])
                self.write_lease(ended, current.id, span, gauges, streak, keep_since=True)
        self.sequence += len(ended)
        self.streak = streak
        self.turned(current.id, row.since if repeated else None)
        self.span = span
        self.held = 1
        self.after = -1

    def _streak_after(self, ended: list[Ended]) -> Streak:
        streak = self.streak
        for one in ended:
            streak = streak.after(one.error)
        return streak

    def _record(self, ended: list[Ended], rows: Any) -> tuple[LeaseRow, bool]:
        """Write how items ended, unless an earlier try of the same call has; (row, repeated)."""
        row = self.lock_lease()
        if row is None:
            raise LeaseLost
        if ended and row.sequence == self.sequence + len(ended):
            return row, True
        if row.sequence != self.sequence:
            raise LeaseLost
        if ended and self.write_ended(ended, rows) != len(ended):
            raise LeaseLost
        # Holding something that we know nothing of: the first turn's answer was lost.
        return row, not ended and self.span is None and row.first is not None

    def _claim_next(self, want: int) -> list[Claimed]:
        items = self.claim(self.after, want)
        if not items and self.after >= 0:
            # Items that were given back lie before.
            items = self.claim(-1, want)
        items.sort(key=lambda item: item.position)
        if self.remembers and items:
            self.load_memories(items)
        return items

    def take_over(self, lease: Lease) -> None:
        """Go on with what the lease's row says that it holds: its holder has died."""
        if lease.first_position is not None and lease.last_position is not None:
            self.span = (lease.first_position, lease.last_position)
            self.held = self.span[1] - self.span[0] + 1

    def reconnect(self) -> None:
        """Open a new connection in the place of one that was lost. Raises django.db.Error."""
        with suppress(Error):
            self.connection.close()
        self.connection.ensure_connection()
        self.attach()

    @abc.abstractmethod
    def close(self) -> None:
        """Free what it holds besides the connection, which is the caller's."""

    @abc.abstractmethod
    def turned(self, current: int | None, since: float | None) -> None:
        """A turn is committed, and this is in the lease row now.

        `since` is given if the call was repeated: what the row says.
        """

    @abc.abstractmethod
    def attach(self) -> None:
        """Work on the driver's connection that `self.connection` has now."""

    @abc.abstractmethod
    def start(self, item: Claimed, succeeded: int, failed: int, now: float) -> bool:
        """Start a claimed item, and count those of its group that have ended.

        False if it may not be started: the lease is fenced or lost. May be repeated.
        """

    @abc.abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """BEGIN … COMMIT, or ROLLBACK on an exception."""

    @abc.abstractmethod
    def lock_lease(self) -> LeaseRow | None:
        """Our lease row, locked until the transaction ends; None if it is not ours."""

    @abc.abstractmethod
    def ended_rows(self, ended: list[Ended]) -> Any:
        """What `write_ended` needs, made before the transaction: others wait for its locks."""

    @abc.abstractmethod
    def write_ended(self, ended: list[Ended], rows: Any) -> int:
        """Finish items that we hold, and their library files; how many were ours."""

    @abc.abstractmethod
    def claim(self, after: int, want: int) -> list[Claimed]:
        """Hold the next free items with a position above `after`, in any order."""

    @abc.abstractmethod
    def held_items(self, first: int, last: int) -> list[Claimed]:
        """What we hold between two positions, in order."""

    @abc.abstractmethod
    def load_memories(self, items: Iterable[Claimed]) -> None:
        """Fill in `previous` from the library files."""

    @abc.abstractmethod
    def release_span(self, first: int, last: int) -> None:
        """Free what we hold between two positions, if anything."""

    @abc.abstractmethod
    def write_lease(
        self,
        ended: list[Ended],
        current: int | None,
        span: tuple[int, int] | None,
        gauges: Gauges,
        streak: Streak,
        *,
        keep_since: bool = False,
    ) -> None:
        """Count `ended`, and say what we run and hold now."""


def count(ended: list[Ended], status: ItemStatus) -> int:
    """How many ended so."""
    return sum(1 for one in ended if one.status is status)
