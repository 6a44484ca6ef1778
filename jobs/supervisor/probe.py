"""Checks the work in a thread of its own, so that a database that hangs delays no stop."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)

INTERVAL_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """Whether work is waiting, and a number that changes with every sign of life."""

    work_waiting: bool
    progress_marker: int


class Probe:
    """Calls `check` every INTERVAL_SECONDS; its exceptions are logged and count as no result."""

    def __init__(self, check: Callable[[], ProbeResult]) -> None:
        self._check = check
        self._result: ProbeResult | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="probe", daemon=True)

    def start(self) -> None:
        """Start the thread. Safe to repeat."""
        if not self._thread.is_alive() and not self._stopped.is_set():
            self._thread.start()

    def stop(self) -> None:
        """Make no further checks. Does not wait for one that hangs. Safe to repeat."""
        self._stopped.set()

    def take(self) -> ProbeResult | None:
        """Return the latest result once; None when there is no new one."""
        result, self._result = self._result, None
        return result

    def _run(self) -> None:
        failing_since: float | None = None
        while not self._stopped.wait(INTERVAL_SECONDS):
            try:
                self._result = self._check()
            except Exception as error:  # noqa: BLE001  (any database's errors; the thread must live)
                if failing_since is None:
                    log.warning("Cannot check for waiting work", extra={"error": error})
                    failing_since = time.monotonic()
            else:
                if failing_since is not None:
                    extra = {"after_seconds": round(time.monotonic() - failing_since)}
                    log.warning("Can check for waiting work again", extra=extra)
                failing_since = None
