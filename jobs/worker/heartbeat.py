"""Sends a worker's heartbeats and sweeps, in a thread of the worker.

All of it waits for the database, which may refuse connections or not answer at all: a network
that loses every packet, a server that stands still. The worker must keep watching then, as it
has to kill its executor before others may take the item. So its loop never asks the database;
it reads the results of this thread.

Each heartbeat that is answered extends the permit of the executor to start items through its
gate, unless the lease is fenced.
"""

import logging
from contextlib import suppress
from threading import Event, Thread
from time import monotonic

from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from jobs import backends
from jobs.conf import conf
from jobs.lifecycle import leases
from jobs.lifecycle.leases import Renewed
from jobs.lifecycle.recovery import StallDetector, sweep
from jobs.processes import clock
from jobs.worker.database_thread import has_ended
from jobs.worker.fence_listener import FenceListener, acknowledge
from jobs.worker.scoreboard import Scoreboard

logger = logging.getLogger(__name__)

RECHECK_SECONDS = 0.1

_detector = StallDetector()
"""Kept from task to task: it takes several sweeps to find a worker stalled."""

_previous: "Heartbeat | None" = None
"""That of this process's latest task, if its thread was started."""


class Heartbeat:
    """The thread of one task, with a connection of its own."""

    def __init__(self, scoreboard: Scoreboard) -> None:
        self.scoreboard = scoreboard
        self.kill_reason: tuple[tuple[int, int], str] | None = None
        """Lease and token that the executor must not continue with, and why."""
        self._sent_at = clock.steady()
        self._lost: tuple[int, int] | None = None
        self._fenced: tuple[tuple[int, int], float] | None = None
        self._done = False
        self._wakeup = Event()
        self._listener = FenceListener(scoreboard, on_probe=self._wakeup.set)
        self._thread: Thread | None = None
        self._connection: BaseDatabaseWrapper | None = None

    @property
    def is_stale(self) -> bool:
        """Return True if others may presume us dead soon, so that the executor must have ended.

        Counted from the creation of this object: every lease is acquired later. Never where all
        workers are on one machine: there a sweep kills the executor before it takes the lease.
        """
        if not backends.current().spans_machines:
            return False
        return clock.steady() > self._sent_at + _permit_seconds()

    def start(self) -> None:
        """Start the thread, if it is not running. Only after the fork: see `wait_for_previous`."""
        global _previous
        if self._thread is None:
            thread = Thread(target=self._run, name="heartbeat", daemon=True)
            with suppress(RuntimeError):  # no more threads now: the next call tries again
                thread.start()
                self._thread, _previous = thread, self
                self._listener.start()

    def end(self) -> None:
        """Let the thread end, without waiting: it may be waiting for the database."""
        self._done = True
        self._wakeup.set()
        self._listener.end()

    def has_ended(self, seconds: float) -> bool:
        """Return True if the thread ends within this time; cuts it off from a server that hangs."""
        if self._thread is None:
            return True
        ended = has_ended(self._thread, self._connection, seconds)
        return self._listener.has_ended(seconds) and ended

    def _run(self) -> None:
        self._connection = connections[DEFAULT_DB_ALIAS]
        try:
            while not self._done:
                next_at = monotonic() + conf.HEARTBEAT_SECONDS
                if not self._send():
                    next_at = monotonic() + RECHECK_SECONDS
                if not self._done:
                    self._sweep()
                self._wait_until(next_at)
        finally:
            connections.close_all()

    def _wait_until(self, moment: float) -> None:
        """Wait, and send the listener's probe meanwhile, which has to come from elsewhere."""
        while not self._done and (seconds := moment - monotonic()) > 0:
            self._send_probe()
            self._wakeup.wait(seconds)
            self._wakeup.clear()

    def _send_probe(self) -> None:
        if (probe := self._listener.probe) is not None:
            try:
                backends.current().notify([probe])
            except Error as error:
                logger.warning("Notifications cannot be tried: %s", error)
                connections.close_all()

    def _send(self) -> bool:
        """Send a heartbeat; False if the result must be checked again at once."""
        # Not the time of the answer: for the others it counts from when it was written. And
        # before the lease is read: it may be another one a moment later.
        sent_at = clock.steady()
        held = self.scoreboard.held
        try:
            found = Renewed() if held is None else leases.renew(held[1])
            if found is not None:
                self._sent_at = sent_at
                if not found.fenced:
                    self.scoreboard.permit_until(sent_at + _permit_seconds())
                elif found.unacknowledged and held is not None:
                    # The notification, or what the listener wrote after it, was lost.
                    acknowledge(held[1])
                self._check_stuck_preparation(held, found.fenced)
                return True
        except Error as error:
            logger.warning("The heartbeat could not be written: %s", error)
            connections.close_all()
            return True
        if held is not None and self.scoreboard.held == held and self._lost == held:
            self.kill_reason = (held, "its lease was given to another worker")
            return True
        # The executor may have released it at this moment: check again first.
        self._lost = held
        return False

    def _check_stuck_preparation(self, held: tuple[int, int] | None, fenced: bool) -> None:
        """Find an operation that keeps listing items for a job that was cancelled."""
        if held is None or self.scoreboard.runs_item or not fenced:
            self._fenced = None
        elif self._fenced is None or self._fenced[0] != held:
            self._fenced = (held, monotonic())
            self.scoreboard.lease_fenced(held[1])
        elif monotonic() - self._fenced[1] > conf.SHUTDOWN_SECONDS:
            self.kill_reason = (held, "its job was stopped, and items() has not returned since")

    def _sweep(self) -> None:
        """Sweep here as well: the pusher may be waiting for a free worker."""
        try:
            sweep(_detector)
        except Error as error:
            logger.warning("The sweep failed: %s", error)
            connections.close_all()


def _permit_seconds() -> float:
    """How long items may run after a heartbeat was sent; others wait for a whole lease."""
    return 0.8 * conf.LEASE_SECONDS


def wait_for_previous(seconds: float) -> bool:
    """Wait for the end of the previous task's thread; False if it has not ended by then.

    No executor may be forked while it runs: copies of its connection, and of locks that it holds
    at that moment, would stay in the child with nobody to free them.
    """
    return _previous is None or _previous.has_ended(seconds)
