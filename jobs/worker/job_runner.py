"""Runs the items of one job, one after the other, as long as this worker should."""

import threading
from contextlib import suppress
from time import monotonic

from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper

from jobs.backends import ClaimedItem, FinishedItem, Gauges, LeaseLost, open_store
from jobs.conf import conf
from jobs.lifecycle.circuit_breaker import trip_if_failing
from jobs.models import Job, Lease
from jobs.processes import clock
from jobs.states import ItemStatus
from jobs.worker.batch_sizer import BatchSizer
from jobs.worker.failure_signals import send_failure_signals
from jobs.worker.journal import Journal
from jobs.worker.performer import Performer
from jobs.worker.retry import with_retry
from jobs.worker.scoreboard import Scoreboard

SLOW_BATCHES = 4
"""Results do not wait for an item that takes this many times as long as a whole batch should."""


class JobRunner:
    """Works through the items of one lease.

    Cheap items are claimed and finished in batches; each is started by an atomic step of its
    own. The lock protects against `flush_if_slow`, which runs in a second thread.
    """

    def __init__(
        self,
        job: Job,
        lease: Lease,
        performer: Performer,
        scoreboard: Scoreboard,
        journal: Journal,
        connection: BaseDatabaseWrapper,
    ) -> None:
        operation = performer.operation
        self.job = job
        self.performer = performer
        self.scoreboard = scoreboard
        self.journal = journal
        self.limit = float(operation.timeout or 0)
        self.store = open_store(
            lease,
            operation=operation.name,
            remembers=operation.remembers,
            connection=connection,
            permit=scoreboard.permit,
        )
        journal.clear(lease.sequence)
        self.sizer = BatchSizer(conf.BATCH_SECONDS, conf.BATCH_ITEMS)
        self.lock = threading.Lock()
        self.claimed: list[ClaimedItem] = []  # not started; the next one last
        self.finished: list[FinishedItem] = []  # not written
        self.finished_failed = 0  # of these
        self.checked = True  # whether the circuit breaker has seen all failures that are written
        self.flushing: tuple[list[FinishedItem], ClaimedItem] | None = None  # begun, not confirmed
        self.current: ClaimedItem | None = None
        self.current_since = 0.0
        self.batch_items = 0
        self.batch_since = 0.0

    def begin(self) -> bool:
        """Claim and start the first item; False if there is none."""
        return self._next_batch()

    def step(self) -> bool:
        """Perform the started item, if any, and start the next one; False when there is none.

        Raises LeaseLost if the lease was released meanwhile: its items belong to others.
        """
        item = self.current
        if item is None:
            return False
        self.scoreboard.item_started(self.limit)
        one = self.performer.perform(item, clock.now())
        self.scoreboard.item_finished()
        with self.lock:
            noted = self.journal.add(one)
            self.finished.append(one)
            self.finished_failed += one.status is ItemStatus.FAILED
            self.batch_items += 1
            now = monotonic()
            if noted and self._may_continue_batch(now) and self._start(self.claimed[-1]):
                self.current = self.claimed.pop()
                self.current_since = now
                return True
            return self._next_batch()

    def finish(self) -> None:
        """Write all results and release all claimed items."""
        with self.lock:
            if not self._trip_if_failing():
                self._finish_and_claim(0)

    def flush_if_slow(self) -> None:
        """Write the results before an item that turned out slow; release the items after it."""
        slow = SLOW_BATCHES * self.sizer.batch_seconds
        with self.lock:
            current = self.current
            if current is None or monotonic() - self.current_since < slow:
                return
            if self.flushing is None:
                if not self.finished and not self.claimed:
                    return
                self.flushing = (self.finished, current)
                self.finished, self.claimed = [], []
                self.checked = self.checked and not self.finished_failed
                self.finished_failed = 0
            # If this fails, the main thread finds out with its next call.
            with suppress(Error, LeaseLost):
                self._flush()

    def _flush(self) -> None:
        """Make the flush that was begun. If its answer was lost, the lease row shows that."""
        if self.flushing is None:
            return
        finished, current = self.flushing
        self.store.flush(finished, current, self._gauges())
        self.flushing = None
        send_failure_signals(self.job, finished)
        self.journal.clear(self.store.sequence)
        for one in self.finished:
            self.journal.add(one)

    def close(self) -> None:
        """Close the store. The other thread may still be waiting to write."""
        with self.lock:
            self.current = None
            self.store.close()

    def _may_continue_batch(self, now: float) -> bool:
        if not self.claimed or self.scoreboard.stop_requested or self._has_seen_error():
            return False
        return now - self.batch_since < 2 * self.sizer.batch_seconds

    def _start(self, item: ClaimedItem) -> bool:
        store, failed = self.store, self.finished_failed
        succeeded = len(self.finished) - failed
        if store.gated:
            return store.start(item, succeeded, failed, clock.now())
        return with_retry(lambda: store.start(item, succeeded, failed, clock.now()), store)

    def _next_batch(self) -> bool:
        if self.batch_items:
            self.sizer.batch_finished(
                self.batch_items,
                monotonic() - self.batch_since,
                cautious=self._has_seen_error(),
            )
        self._trip_if_failing()
        return self._finish_and_claim(0 if self.scoreboard.stop_requested else self.sizer.size)

    def _trip_if_failing(self) -> bool:
        """Let the circuit breaker check new failures; True if it did.

        Then all results are written and no item is claimed.
        """
        if not self._may_trip():
            return False
        self._finish_and_claim(0)
        self.checked = True
        trip_if_failing(self.job)
        return True

    def _may_trip(self) -> bool:
        if self._has_seen_error():
            return True
        has_failed = self.finished_failed > 0 or not self.checked
        return has_failed and self.job.failure_limit is not None

    def _has_seen_error(self) -> bool:
        """Return True if the last item ended with what may be the sign of an outage."""
        return bool(self.finished) and self.finished[-1].error is not None

    def _finish_and_claim(self, size: int) -> bool:
        with_retry(self._flush, self.store)
        gauges = self._gauges()
        items = with_retry(
            lambda: self.store.finish_and_claim(self.finished, size, gauges), self.store
        )
        self.journal.clear(self.store.sequence)
        if self.finished_failed:
            send_failure_signals(self.job, self.finished)
        self.finished = []
        self.claimed = items[::-1]
        self.batch_items = self.finished_failed = 0
        self.batch_since = self.current_since = monotonic()
        self.current = self.claimed.pop() if self.claimed else None
        return self.current is not None

    def _gauges(self) -> Gauges:
        return Gauges(self.sizer.rate, self.sizer.item_seconds)
