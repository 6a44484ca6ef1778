"""Runs the items of one job, one after the other, for as long as this worker should."""

import threading
from contextlib import suppress
from time import monotonic, time

from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper

from jobs import conf
from jobs.ledger import Claimed, Ended, Gauges, LeaseLost, open_ledger
from jobs.models import Job, Lease
from jobs.outage import stop_if_hopeless
from jobs.runner.announcing import announce_failures
from jobs.runner.board import Board
from jobs.runner.journal import Journal
from jobs.runner.pace import Pace
from jobs.runner.perform import Performer
from jobs.runner.reconnect import patiently
from jobs.states import ItemStatus

SLOW_GROUPS = 4
"""An item that takes so many times as long as a whole group should is not waited for."""


class Slice:
    """One lease being worked off.

    Cheap items are claimed and finished in groups; each is started by an atomic step of
    its own. The lock is there for `write_if_slow`, which runs in a second thread.
    """

    def __init__(
        self,
        job: Job,
        lease: Lease,
        performer: Performer,
        board: Board,
        journal: Journal,
        connection: BaseDatabaseWrapper,
    ) -> None:
        operation = performer.operation
        self.job = job
        self.performer = performer
        self.board = board
        self.journal = journal
        self.limit = float(operation.timeout or 0)
        self.ledger = open_ledger(
            lease,
            operation=operation.name,
            remembers=operation.remembers,
            connection=connection,
        )
        journal.clear(lease.sequence)
        self.pace = Pace(conf.get("GROUP_SECONDS"), conf.get("GROUP_ITEMS"))
        self.lock = threading.Lock()
        self.waiting: list[Claimed] = []  # claimed, not started; the next one last
        self.ended: list[Ended] = []  # not written yet
        self.ended_failed = 0  # of these
        self.judged = True  # whether failures that `write_if_slow` wrote were held against the job
        self.flushing: tuple[list[Ended], Claimed] | None = None  # begun, and not known to be done
        self.current: Claimed | None = None
        self.current_since = 0.0
        self.group_items = 0
        self.group_since = 0.0

    def begin(self) -> bool:
        """Claim and start the first item; False if there is none."""
        return self._next_group()

    def step(self) -> bool:
        """Perform the started item, if any, and start the next one; False when there is none.

        Raises LeaseLost if the place was given back meanwhile: its items are another's.
        """
        item = self.current
        if item is None:
            return False
        self.board.begin_item(self.limit)
        one = self.performer.perform(item, time())
        self.board.end_item()
        with self.lock:
            noted = self.journal.add(one)
            self.ended.append(one)
            self.ended_failed += one.status is ItemStatus.FAILED
            self.group_items += 1
            if noted and self._may_go_on_in_group() and self._start(self.waiting[-1]):
                self.current = self.waiting.pop()
                self.current_since = monotonic()
                return True
            return self._next_group()

    def finish(self) -> None:
        """Write what has ended and free what is held."""
        with self.lock:
            if not self._stop_if_hopeless():
                self._turn(0)

    def write_if_slow(self) -> None:
        """Write what has ended before an item that turned out slow, and free what is behind it."""
        slow = SLOW_GROUPS * self.pace.group_seconds
        with self.lock:
            current = self.current
            if current is None or monotonic() - self.current_since < slow:
                return
            if self.flushing is None:
                if not self.ended and not self.waiting:
                    return
                self.flushing = (self.ended, current)
                self.ended, self.waiting = [], []
                self.judged = self.judged and not self.ended_failed
                self.ended_failed = 0
            # If this fails the main thread will find out at its next turn.
            with suppress(Error, LeaseLost):
                self._flush()

    def _flush(self) -> None:
        """Make the flush that was begun. If its answer was lost, the ledger knows by its row."""
        if self.flushing is None:
            return
        ended, current = self.flushing
        self.ledger.flush(ended, current, self._gauges())
        self.flushing = None
        announce_failures(self.job, ended)
        self.journal.clear(self.ledger.sequence)
        for one in self.ended:
            self.journal.add(one)

    def close(self) -> None:
        """The other thread may still be waiting to write."""
        with self.lock:
            self.current = None
            self.ledger.close()

    def _may_go_on_in_group(self) -> bool:
        if not self.waiting or self.board.must_stop or self._has_seen_error():
            return False
        return monotonic() - self.group_since < 2 * self.pace.group_seconds

    def _start(self, item: Claimed) -> bool:
        failed = self.ended_failed
        succeeded = len(self.ended) - failed
        return patiently(lambda: self.ledger.start(item, succeeded, failed, time()), self.ledger)

    def _next_group(self) -> bool:
        if self.group_items:
            self.pace.group_ended(
                self.group_items,
                monotonic() - self.group_since,
                cautious=self._has_seen_error(),
            )
        self._stop_if_hopeless()
        return self._turn(0 if self.board.must_stop else self.pace.want)

    def _stop_if_hopeless(self) -> bool:
        """Whether there was something to judge: then all is written and nothing held any more."""
        if not self._may_be_hopeless():
            return False
        self._turn(0)
        self.judged = True
        stop_if_hopeless(self.job)
        return True

    def _may_be_hopeless(self) -> bool:
        if self._has_seen_error():
            return True
        has_failed = self.ended_failed > 0 or not self.judged
        return has_failed and self.job.failure_limit is not None

    def _has_seen_error(self) -> bool:
        """Whether the last item has ended with what may be the sign of an outage."""
        return bool(self.ended) and self.ended[-1].error is not None

    def _turn(self, want: int) -> bool:
        patiently(self._flush, self.ledger)
        gauges = self._gauges()
        items = patiently(lambda: self.ledger.turn(self.ended, want, gauges), self.ledger)
        self.journal.clear(self.ledger.sequence)
        if self.ended_failed:
            announce_failures(self.job, self.ended)
        self.ended = []
        self.waiting = items[::-1]
        self.group_items = self.ended_failed = 0
        self.group_since = self.current_since = monotonic()
        self.current = self.waiting.pop() if self.waiting else None
        return self.current is not None

    def _gauges(self) -> Gauges:
        return Gauges(self.pace.rate, self.pace.item_seconds)
