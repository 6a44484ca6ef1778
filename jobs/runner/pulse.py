"""Shows that a worker lives and looks after the other workers, in a thread of its warden.

All of it waits for the database, which may refuse, or not answer at all: a network that loses
every packet, a server that is held up. The warden must go on looking then, as it has to end its
executor before others may take the item. So its loop asks the database for nothing; it reads
here what the thread has found out.
"""

import logging
import os
import socket
from contextlib import suppress
from threading import Event, Thread
from time import monotonic

from django.db import DEFAULT_DB_ALIAS, Error, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from jobs import conf
from jobs.models import Lease
from jobs.recovery import Observer, sweep
from jobs.runner.board import Board

logger = logging.getLogger(__name__)

LOOK_AGAIN_SECONDS = 0.1
END_SECONDS = 2.0
"""For what it is just doing; then it is cut off."""

_observer = Observer()
"""Kept from session to session: it takes several looks to find a holder silent."""

_last: "Pulse | None" = None
"""That of this process's latest session, if it has begun."""


class Pulse:
    """The thread of one session, with a connection of its own."""

    def __init__(self, board: Board) -> None:
        self.board = board
        self.condemned: tuple[tuple[int, int], str] | None = None
        """Lease and token that the executor may not go on with, and why."""
        self._shown_at = monotonic()
        self._lost: tuple[int, int] | None = None
        self._fenced: tuple[tuple[int, int], float] | None = None
        self._over = Event()
        self._thread: Thread | None = None
        self._wrapper: BaseDatabaseWrapper | None = None

    @property
    def is_silent(self) -> bool:
        """Whether others may take us for dead soon, so that the executor must have ended.

        Counted from when this was made: a place that is taken later is shown later.
        Never on SQLite: nobody's silence is counted there while nobody can write, and all are
        on one machine, where a sweep ends the executor itself before it takes the place.
        """
        if connection.vendor == "sqlite":
            return False
        return monotonic() - self._shown_at > 0.8 * conf.get("LEASE_SECONDS")

    def start(self) -> None:
        """Begin, if it has not begun. After the fork of the executor: see `wait_for_last`."""
        global _last
        if self._thread is None:
            thread = Thread(target=self._run, name="pulse", daemon=True)
            with suppress(RuntimeError):  # no more threads now: the next look tries again
                thread.start()
                self._thread, _last = thread, self

    def end(self) -> None:
        """Let the thread end. It is not waited for, as it may be waiting for the database."""
        self._over.set()

    def has_ended(self, seconds: float) -> bool:
        """Whether the thread ends within this time, cut off from a server that does not answer."""
        if self._thread is None:
            return True
        self._thread.join(END_SECONDS)
        if self._thread.is_alive():
            self._cut_off()
            self._thread.join(seconds)
        return not self._thread.is_alive()

    def _run(self) -> None:
        self._wrapper = connections[DEFAULT_DB_ALIAS]
        try:
            while not self._over.is_set():
                next_at = monotonic() + conf.get("HEARTBEAT_SECONDS")
                if not self._beat():
                    next_at = monotonic() + LOOK_AGAIN_SECONDS
                if not self._over.is_set():
                    self._sweep()
                self._over.wait(max(0.0, next_at - monotonic()))
        finally:
            connections.close_all()

    def _beat(self) -> bool:
        """Show a sign of life; False if there has to be another look at once."""
        # Not when it was answered: for the others it counts from when it was written.
        sent_at = monotonic()
        held = self.board.held
        try:
            if held is None or Lease.objects.heartbeat(held[1]):
                self._shown_at = sent_at
                self._look_for_idle_talk(held)
                return True
        except Error as error:
            logger.warning("The heartbeat could not be written: %s", error)
            connections.close_all()
            return True
        if self.board.held == held and self._lost == held:
            self.condemned = (held, "its place was given to another worker")
            return True
        # It may have given it back itself in this moment: look again before judging.
        self._lost = held
        return False

    def _look_for_idle_talk(self, held: tuple[int, int] | None) -> None:
        """Find an operation that lists its items without end for a job that was cancelled."""
        if held is None or self.board.runs_item or not Lease.objects.is_fenced(held[1]):
            self._fenced = None
        elif self._fenced is None or self._fenced[0] != held:
            self._fenced = (held, monotonic())
        elif monotonic() - self._fenced[1] > conf.get("STOP_SECONDS"):
            self.condemned = (held, "the job was stopped while it was being prepared")

    def _sweep(self) -> None:
        """Look after the other workers too: the pusher may be waiting for a free one."""
        try:
            sweep(_observer)
        except Error as error:
            logger.warning("The sweep did not get through: %s", error)
            connections.close_all()

    def _cut_off(self) -> None:
        """Shut down the socket under the thread that waits there: it learns that it is lost.

        On SQLite there is none, and waiting for the write lock ends by itself.
        """
        wrapper = self._wrapper
        driver = wrapper.connection if wrapper is not None else None
        if wrapper is None or driver is None or wrapper.vendor == "sqlite":
            return
        # It may be closing it in this moment.
        with (
            suppress(OSError, Error),
            wrapper.wrap_database_errors,
            socket.socket(fileno=os.dup(driver.fileno())) as shared,
        ):
            shared.shutdown(socket.SHUT_RDWR)


def wait_for_last(seconds: float) -> bool:
    """Wait for the end of the session before's; False if it has not come by then.

    No executor may be forked while it runs. The copy of its connection, and of locks that it
    holds in that moment, would be in the child with nobody to free them.
    """
    return _last is None or _last.has_ended(seconds)
