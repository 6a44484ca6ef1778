"""One reading for all who ask the same at once: a hundred pages that watch one job."""

from collections.abc import Callable, Hashable
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

Value = TypeVar("Value")

_MOST = 200


class _Reading(Generic[Value]):
    """The last reading: when it began, and what it found or why it failed."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.began = float("-inf")
        self.error: Exception | None = None
        self.value: Value


class Shared(Generic[Value]):
    """Reads once for all threads that wait for the same, as group commit writes once.

    Nobody is given what was read before he asked: who has cancelled a job and asks then is
    never told that it runs. So nothing is shared while the readers keep up, and the more
    there are, the fewer readings each of them costs. One at a time reads for a key; threads
    that read side by side would mostly wait for the interpreter.
    """

    def __init__(self) -> None:
        self._readings: dict[Hashable, _Reading[Value]] = {}

    def get(self, key: Hashable, read: Callable[[], Value]) -> Value:
        """What `read` returned or raised, called by this thread or another for the same key.

        Errors are shared too: a database that is away would otherwise hold up one thread
        after the other, each for as long as it takes to find that out.
        """
        asked = monotonic()
        reading = self._readings.get(key)
        if reading is None:
            if len(self._readings) >= _MOST:
                self._readings.clear()  # who waits for one of them has it still
            reading = self._readings.setdefault(key, _Reading())
        with reading.lock:
            if reading.began <= asked:
                self._read(reading, read)
            if reading.error is not None:
                raise reading.error
            return reading.value

    def _read(self, reading: _Reading[Value], read: Callable[[], Value]) -> None:
        began = monotonic()
        try:
            reading.value, reading.error = read(), None
        except Exception as error:  # noqa: BLE001 (raised for all who have waited for it)
            reading.error = error
        reading.began = began
