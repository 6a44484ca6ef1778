"""Finds out why the database takes no changes, without keeping a reader waiting.

A change that meets a lock may wait for long, so it is tried in a thread, by one reader for all.
"""

from dataclasses import dataclass, field
from threading import Event, Lock, Thread
from time import monotonic

from django.db import Error, connection, connections

from jobs import backends
from jobs.backends.trouble import LOCKED

LOCK_SECONDS = 10.0
"""A try waits this long for a lock."""
PATIENCE_SECONDS = 0.5
"""The same, where the standstill itself shows that the lock has been held for longer."""
FRESH_SECONDS = 15.0
"""How long a success counts."""
RECOVERY_SECONDS = 30.0
"""Time for a cluster to report its presence again after trouble."""
RECOVERING = "The database takes changes again. The workers are about to continue."
RECHECK_SECONDS = 2.0
"""How long a failure counts, and a success while something looks wrong."""


@dataclass(slots=True)
class _Try:
    began: float = field(default_factory=monotonic)
    ended: float | None = None
    done: Event = field(default_factory=Event)
    trouble: str = ""

    def run(self) -> None:
        try:
            self.trouble = backends.current().write_trouble(LOCK_SECONDS)
        except Error:
            pass  # the database does not answer: the reader notices that as well
        finally:
            connections.close_all()
            self.ended = monotonic()
            self.done.set()

    def counts(self, *, suspicious: bool) -> bool:
        """Return True if its result still counts, or is to come."""
        limit = RECHECK_SECONDS if suspicious or self.trouble else FRESH_SECONDS
        return self.ended is None or monotonic() - self.ended < limit


class WriteProbe:
    """Tries to change something in the database, at most once every few seconds."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._current: _Try | None = None
        self._last = ""
        self._trouble_seen = float("-inf")

    def trouble(self, *, patience: float, wait: float, suspicious: bool) -> str:
        """Why the database takes no changes, as a sentence; empty if it does.

        A try without an end after `patience` seconds means that the database is locked. Waits at
        most `wait` for it; then the previous result counts. `suspicious`: something looks wrong,
        so an older success does not count. Inside a transaction of the
        caller nothing is tried: its own locks would be in the way.
        """
        if connection.in_atomic_block:
            return ""
        current = self._try(suspicious)
        remaining = max(0.0, patience - (monotonic() - current.began))
        if current.done.wait(min(wait, remaining)):
            found = current.trouble
        else:
            found = LOCKED if monotonic() - current.began >= patience else self._last
        if found:
            self._trouble_seen = monotonic()
        return found

    @property
    def has_just_recovered(self) -> bool:
        """Return True if there was trouble shortly before."""
        return monotonic() - self._trouble_seen < RECOVERY_SECONDS

    def _try(self, suspicious: bool) -> _Try:
        with self._lock:
            if self._current is None or not self._current.counts(suspicious=suspicious):
                self._last = self._current.trouble if self._current else ""
                self._current = _Try()
                Thread(target=self._current.run, name="write-probe", daemon=True).start()
            return self._current


_probe = WriteProbe()


def write_trouble(*, wait: float) -> str:
    """`WriteProbe.trouble` of this process, for a check of a database that may be well."""
    return _probe.trouble(patience=LOCK_SECONDS, wait=wait, suspicious=False)


def cause_of_standstill() -> str:
    """The same while something does not move: a lock shows after PATIENCE_SECONDS."""
    return _probe.trouble(patience=PATIENCE_SECONDS, wait=PATIENCE_SECONDS, suspicious=True)


def cause_of_absence() -> str:
    """Why no cluster has reported its presence, which is a change; empty if none is running."""
    if found := cause_of_standstill():
        return found
    return RECOVERING if _probe.has_just_recovered else ""
