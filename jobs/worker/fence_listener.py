"""Hears of fences and acknowledges them, in a thread of the worker with a connection of its own.

The executor starts items through its gate, without the database, only while this thread listens.
That is proven by a probe: a number that another connection of the worker sends. It is not heard
where a pool gives connections to others after each transaction.
"""

import logging
import os
import secrets
import select
from collections.abc import Callable
from threading import Thread
from time import monotonic

from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from jobs import backends
from jobs.backends import FenceChannel
from jobs.worker.database_thread import has_ended
from jobs.worker.scoreboard import Scoreboard

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 0.5
"""Between two attempts to connect, and before a probe counts as lost."""

_warned = False


class FenceListener:
    """The thread of one task. `probe`: what somebody has to send, None if nothing."""

    def __init__(self, scoreboard: Scoreboard, *, on_probe: Callable[[], None]) -> None:
        """`on_probe` is called when there is another probe to send."""
        self.scoreboard = scoreboard
        self.probe: int | None = None
        self._on_probe = on_probe
        self._done = False
        self._thread: Thread | None = None
        self._connection: BaseDatabaseWrapper | None = None

    def start(self) -> None:
        """Start the thread, where a fence does not close the gates itself."""
        if not backends.current().spans_machines:
            return
        self._wakeup, self._wake = os.pipe()
        thread = Thread(target=self._run, name="fences", daemon=True)
        try:
            thread.start()
        except RuntimeError:  # no more threads now: each start asks the database
            os.close(self._wakeup)
            os.close(self._wake)
        else:
            self._thread = thread

    def end(self) -> None:
        """Let the thread end, without waiting."""
        self._done = True
        if self._thread is not None:
            os.write(self._wake, b"1")

    def has_ended(self, seconds: float) -> bool:
        """Return True if the thread ends within this time; cuts it off from a server that hangs."""
        if self._thread is None:
            return True
        if not has_ended(self._thread, self._connection, seconds):
            return False
        self._thread = None
        os.close(self._wakeup)
        os.close(self._wake)
        return True

    def _run(self) -> None:
        self._connection = connections[DEFAULT_DB_ALIAS]
        try:
            while not self._done:
                try:
                    channel = backends.current().listen(self._connection)
                    if channel is None:
                        return
                    self._listen(channel)
                except Error as error:
                    self.scoreboard.set_listens(False)
                    self.probe = None
                    logger.warning("Notifications of fences cannot be heard: %s", error)
                    connections.close_all()
                    self._pause(PAUSE_SECONDS)
        finally:
            self.scoreboard.set_listens(False)
            connections.close_all()

    def _listen(self, channel: FenceChannel) -> None:
        # Fences of the time without a connection.
        self._acknowledge_held()
        # Only now: nothing else is executed until the probe is heard.
        self.probe = -1 - secrets.randbits(62)
        self._on_probe()
        asked_at = monotonic()
        while not self._done:
            heard = channel.wait(PAUSE_SECONDS, self._wakeup)
            held = self.scoreboard.held
            if held is not None and held[1] in heard:
                acknowledge(held[1])
            if self.probe in heard:
                self.probe = None
                self.scoreboard.set_listens(True)
            elif self.probe is not None and monotonic() - asked_at > PAUSE_SECONDS:
                _warn_once()

    def _acknowledge_held(self) -> None:
        if (held := self.scoreboard.held) is not None:
            acknowledge(held[1])

    def _pause(self, seconds: float) -> None:
        select.select([self._wakeup], [], [], seconds)


def acknowledge(token: int) -> None:
    """Close the gate of a fenced lease and record what its worker runs. Safe to repeat.

    Does nothing if the executor was stopped in the middle of a start; the next heartbeat tries
    again. Raises django.db.Error.
    """
    try:
        backends.current().acknowledge(token)
    except backends.FenceTimeout as error:
        logger.warning("A fence cannot be acknowledged yet: %s", error)


def _warn_once() -> None:
    global _warned
    if not _warned:
        _warned = True
        logger.warning(
            "Notifications of the database do not arrive, so each start of an item asks it. "
            "Let workers connect to PostgreSQL itself, or by a pool of sessions."
        )
