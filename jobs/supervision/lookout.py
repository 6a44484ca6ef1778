"""Looks at the work in a thread of its own, so that a database that hangs delays no stop."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Sight:
    """What was seen: does work wait, and a number that changes with every sign of life."""

    waiting: bool
    claims: int


class Lookout:
    """`take()` gives each sight once; None while there is no news."""

    def __init__(self, look: Callable[[], Sight]) -> None:
        self._look = look
        self._sight: Sight | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="lookout", daemon=True)

    def start(self) -> None:
        """Safe to repeat."""
        if not self._thread.is_alive() and not self._ended.is_set():
            self._thread.start()

    def stop(self) -> None:
        self._ended.set()

    def take(self) -> Sight | None:
        sight, self._sight = self._sight, None
        return sight

    def _run(self) -> None:
        failing_since: float | None = None
        while not self._ended.wait(LOOK_SECONDS):
            try:
                self._sight = self._look()
            except Exception as error:  # noqa: BLE001  (any database's errors; it must live on)
                if failing_since is None:
                    log.warning("Cannot see whether work waits", extra={"error": error})
                    failing_since = time.monotonic()
            else:
                if failing_since is not None:
                    seconds = round(time.monotonic() - failing_since)
                    log.warning("Can see the work again", extra={"after_seconds": seconds})
                failing_since = None
