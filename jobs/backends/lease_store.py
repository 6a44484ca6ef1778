"""The store of one lease: claim, start and finish items. What is common to all databases."""

import abc
from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from typing import Any

from django.db import Error

from jobs.backends.error_streak import ErrorStreak
from jobs.backends.gates import Gate, GateFolder, Permit
from jobs.models import Lease
from jobs.operations.totals import Totals, add_totals, decode_totals, encode_totals
from jobs.processes import clock
from jobs.states import ItemStatus

WRITE_LEASE = """
UPDATE jobs_lease SET succeeded = succeeded + %s, failed = failed + %s, warnings = warnings + %s,
    sequence = %s, busy_seconds = busy_seconds + %s, batch_succeeded = 0, batch_failed = 0,
    current_item = %s, current_since = %s, first_position = %s, last_position = %s, rate = %s,
    item_seconds = %s, streak = %s, streak_message = %s, totals = %s, gated = %s
WHERE id = %s AND token = %s
"""


class LeaseLost(Exception):
    """The lease was released and may belong to another worker; nothing was written."""


@dataclass(slots=True)
class ClaimedItem:
    """An item that this lease has claimed; no other worker may start it."""

    id: int
    position: int
    key: str
    attempts: int
    file_id: int | None
    previous: dict[str, Any] | None = None


@dataclass(slots=True)
class FinishedItem:
    """The end of an item. Times are seconds since the epoch; `result` and `remember` are JSON.

    `error`: the part of the message that is the same for all files, if it may be the sign of an
    outage; None after a success or a finding about this file. `totals`: numbers of a succeeded
    item, to be summed up.
    """

    item: ClaimedItem
    status: ItemStatus
    message: str
    result: str | None
    started_at: float
    finished_at: float
    remember: str | None = None
    error: str | None = None
    totals: Totals | None = None


@dataclass(slots=True)
class Gauges:
    """What a worker reports besides the items: see the fields of `Lease` of the same names."""

    rate: float = 0.0
    item_seconds: float = 0.0


@dataclass(slots=True)
class LockedLease:
    """The part of a lease row that a transaction reads under its lock."""

    fenced: bool
    sequence: int
    first: int | None
    last: int | None
    since: float | None
    gated: bool


class LeaseStore(abc.ABC):
    """Claims, starts and finishes the items of one lease.

    The order of calls is: `finish_and_claim([], n)` claims the first batch and starts its first
    item; `start` starts each further item of the batch; the next `finish_and_claim` writes the
    results of the batch, claims another and starts its first item. A start is one step that
    demands that the lease is not fenced. It is atomic against cancel and pause, which fence the
    lease in the transaction that changes the job's status.

    A batch whose lease row says `gated` is started through a gate, and in no other way: what the
    row does not show is in the gate. Of any other batch the row shows each start.

    `sequence` counts what this slot has ever finished. Each transaction compares it with the
    row's, so that repeating a call after a lost connection does nothing twice.
    """

    least_gated = 2
    """Smaller batches are not started through a gate: a single item needs no further start."""

    def __init__(self, lease: Lease, connection: Any, *, operation: str, remembers: bool) -> None:
        self.lease_id = lease.pk
        self.token = lease.holder
        self.job_id = lease.job_id
        self.slot = lease.slot
        self.sequence = lease.sequence
        self.streak = ErrorStreak(lease.streak, lease.streak_message)
        """Of all that is written; earlier holders of the slot have begun it."""
        self.totals = decode_totals(lease.totals)
        """The sums of all that is written, earlier holders included."""
        self.operation = operation
        self.remembers = remembers
        self.claimed_up_to = -1
        """Positions up to here are claimed or finished; a claim tries those behind it first."""
        self.claimed_range: tuple[int, int] | None = None
        """First and last position of our claimed items."""
        self.claimed_count = 0
        self.gates: GateFolder
        self.permit: Permit | None = None
        self.gate: Gate | None = None
        """Opened for the first batch of several items."""
        self.gated = False
        """The items of this batch are started through the gate."""
        self.since: float | None = None
        """Start of the current item, in seconds since the epoch."""
        self.connection = connection
        self.attach()

    def finish_and_claim(
        self, finished: list[FinishedItem], size: int, gauges: Gauges
    ) -> list[ClaimedItem]:
        """Finish items, claim at most `size` others and start the first: one transaction.

        All other claimed items are released. Returns the claimed items in the job's order: none
        if the lease is fenced, if no item is free, or if `size` is 0. A single claimed item is
        written as `processing`; in a batch only the lease row says which item is running.

        Raises LeaseLost if the lease is no longer ours (nothing is written), and
        django.db.OperationalError if the database does not answer. Then the same call may be
        repeated after `reconnect`: if the first one was committed, the lease row shows that by
        its sequence and range, and nothing is done twice.
        """
        rows, streak = self.finished_rows(finished), self._streak_after(finished)
        totals = self._totals_after(finished)
        with self.transaction():
            row, repeated = self._finish(finished, rows)
            if repeated:
                has_claimed = row.first is not None and row.last is not None
                items = self.claimed_items(row.first or 0, row.last or 0) if has_claimed else []
                since, gated = row.since, row.gated and not row.fenced and self.open_gate()
            else:
                if self.claimed_range is not None and self.claimed_count > len(finished):
                    self.release_range(*self.claimed_range)
                if finished:
                    # Items that were claimed and not started come next, in the job's order.
                    self.claimed_up_to = finished[-1].item.position
                items = [] if row.fenced or size < 1 else self._claim_next(size)
                claimed = (items[0].position, items[-1].position) if items else None
                current, since = (items[0].id, clock.now()) if items else (None, None)
                gated = len(items) >= self.least_gated and self.open_gate()
                self._write_lease(
                    finished, current, claimed, gauges, streak, totals, since, gated=gated
                )
        self.sequence += len(finished)
        self.streak, self.totals = streak, totals
        self.since, self.gated = since, gated
        if gated and self.gate is not None:
            self.gate.committed(self.sequence, items[0].id, since or 0.0)
        self.claimed_range = (items[0].position, items[-1].position) if items else None
        self.claimed_count = len(items)
        if items:
            self.claimed_up_to = items[-1].position
        return items

    def flush(self, finished: list[FinishedItem], current: ClaimedItem, gauges: Gauges) -> None:
        """Finish items while `current` keeps running, and release those claimed after it.

        For an item that turns out slow in a batch that was expected to be quick. Raises as
        `finish_and_claim` does.
        """
        claimed = (current.position, current.position)
        rows, streak = self.finished_rows(finished), self._streak_after(finished)
        totals = self._totals_after(finished)
        with self.transaction():
            _, repeated = self._finish(finished, rows)
            if not repeated:
                if self.claimed_range is not None and self.claimed_count > len(finished) + 1:
                    self.release_range(current.position + 1, self.claimed_range[1])
                # Nothing is left to be started through the gate.
                since = self.since
                self._write_lease(
                    finished, current.id, claimed, gauges, streak, totals, since, gated=False
                )
        self.sequence += len(finished)
        self.streak, self.totals = streak, totals
        self.gated = False
        self.claimed_range = claimed
        self.claimed_count = 1
        self.claimed_up_to = -1

    def _write_lease(
        self,
        finished: list[FinishedItem],
        current: int | None,
        claimed: tuple[int, int] | None,
        gauges: Gauges,
        streak: ErrorStreak,
        totals: Totals,
        since: float | None,
        *,
        gated: bool,
    ) -> None:
        """Count `finished`, and record the running item and the claimed range."""
        failed = sum(one.status is ItemStatus.FAILED for one in finished)
        values = (
            len(finished) - failed,
            failed,
            sum(one.status is ItemStatus.SUCCEEDED and one.message != "" for one in finished),
            self.sequence + len(finished),
            sum(one.finished_at - one.started_at for one in finished),
            current,
            since,
            *(claimed or (None, None)),
            gauges.rate,
            gauges.item_seconds,
            streak.length,
            streak.error,
            encode_totals(totals),
            gated,
            self.lease_id,
            self.token,
        )
        self.save_lease(values)

    def _streak_after(self, finished: list[FinishedItem]) -> ErrorStreak:
        streak = self.streak
        for one in finished:
            streak = streak.after(one.error)
        return streak

    def _totals_after(self, finished: list[FinishedItem]) -> Totals:
        return add_totals(self.totals, (one.totals for one in finished if one.totals))

    def _finish(self, finished: list[FinishedItem], rows: Any) -> tuple[LockedLease, bool]:
        """Write results, unless an earlier attempt of the same call has; (row, repeated)."""
        row = self.lock_lease()
        if row is None:
            raise LeaseLost
        if finished and row.sequence == self.sequence + len(finished):
            return row, True
        if row.sequence != self.sequence:
            raise LeaseLost
        if finished and self.write_finished(finished, rows) != len(finished):
            raise LeaseLost
        # The row claims something that we do not know: the first call's answer was lost.
        return row, not finished and self.claimed_range is None and row.first is not None

    def _claim_next(self, size: int) -> list[ClaimedItem]:
        items = self.claim(self.claimed_up_to, size)
        if not items and self.claimed_up_to >= 0:
            # Items that were released come before.
            items = self.claim(-1, size)
        items.sort(key=lambda item: item.position)
        if self.remembers and items:
            self.load_remembered(items)
        return items

    def adopt(self, lease: Lease) -> None:
        """Take over the claims and the running item of the lease: its holder is dead."""
        self.since = lease.current_since
        if lease.first_position is not None and lease.last_position is not None:
            self.claimed_range = (lease.first_position, lease.last_position)
            self.claimed_count = self.claimed_range[1] - self.claimed_range[0] + 1

    def reconnect(self) -> None:
        """Replace a lost connection by a new one. Raises django.db.Error."""
        with suppress(Error):
            self.connection.close()
        self.connection.ensure_connection()
        self.attach()

    def close(self) -> None:
        """Free everything except the connection, which belongs to the caller."""
        if self.gate is not None:
            self.gate.close()

    def start(self, item: ClaimedItem, succeeded: int, failed: int, now: float) -> bool:
        """Start a claimed item, and count the finished ones of its batch.

        False if it may not start: the lease is fenced or lost, or the next transaction has to
        decide. Safe to repeat.
        """
        if not self.gated or self.gate is None:
            started = self._ask(item, succeeded, failed, now)
        else:
            started = self.gate.start(item.id, now, succeeded, failed)
        if started:
            self.since = now
        return started

    def open_gate(self) -> bool:
        """Let items be started through the gate, which the lease row is about to say.

        False if they must not. Call it in a transaction that has found the locked row not
        fenced. Raises OperationalError.
        """
        if self.gate is None:
            self.gate = Gate(self.gates, self.token, self.permit)
        self.gate.reopen()
        return True

    @abc.abstractmethod
    def attach(self) -> None:
        """Use the driver's connection that `self.connection` has now."""

    def _ask(self, item: ClaimedItem, succeeded: int, failed: int, now: float) -> bool:
        """`start` in the database, in one statement; False where all starts need a gate."""
        return False

    @abc.abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """BEGIN … COMMIT, or ROLLBACK on an exception."""

    @abc.abstractmethod
    def lock_lease(self) -> LockedLease | None:
        """Our lease row, locked until the transaction ends; None if it is no longer ours."""

    @abc.abstractmethod
    def finished_rows(self, finished: list[FinishedItem]) -> Any:
        """The input of `write_finished`, built before the transaction, whose locks others need."""

    @abc.abstractmethod
    def write_finished(self, finished: list[FinishedItem], rows: Any) -> int:
        """Finish items that we have claimed, and their library files; how many were ours."""

    @abc.abstractmethod
    def claim(self, after: int, size: int) -> list[ClaimedItem]:
        """Claim the next free items with a position above `after`, in any order."""

    @abc.abstractmethod
    def claimed_items(self, first: int, last: int) -> list[ClaimedItem]:
        """Our claimed items between two positions, in order."""

    @abc.abstractmethod
    def load_remembered(self, items: Iterable[ClaimedItem]) -> None:
        """Fill in `previous` from the library files."""

    @abc.abstractmethod
    def release_range(self, first: int, last: int) -> None:
        """Release our claimed items between two positions, if any."""

    @abc.abstractmethod
    def save_lease(self, values: tuple[Any, ...]) -> None:
        """Update our lease row with the parameters of WRITE_LEASE."""
