"""One database read for all threads that ask for the same at once."""

from collections.abc import Callable, Hashable
from concurrent.futures import Future
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

Value = TypeVar("Value")

_MAX_KEYS = 200


class _Call(Generic[Value]):
    """The last call for a key: when it began, and its result or error."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.began = float("-inf")
        self.future: Future[Value] = Future()


class SingleFlight(Generic[Value]):
    """Reads once for all threads that wait for the same key.

    A result is shared only if its read began after the request for it: a client that cancels a
    job and asks for its status never gets an older one. So nothing is shared while the readers
    keep up, and each read costs less the more threads wait. One thread at a time reads for a
    key; threads that read in parallel would mostly wait for the interpreter.
    """

    def __init__(self) -> None:
        self._calls: dict[Hashable, _Call[Value]] = {}

    def get(self, key: Hashable, read: Callable[[], Value]) -> Value:
        """What `read` returned or raised, called by this thread or another one for this key.

        Errors are shared as well: else one thread after the other would wait for a database
        that is down.
        """
        asked = monotonic()
        call = self._calls.get(key)
        if call is None:
            if len(self._calls) >= _MAX_KEYS:
                self._calls.clear()  # threads that wait for a call keep it
            call = self._calls.setdefault(key, _Call())
        with call.lock:
            if call.began <= asked:
                began, future = monotonic(), Future[Value]()
                try:
                    future.set_result(read())
                except Exception as error:  # noqa: BLE001 (raised in every thread that waited)
                    future.set_exception(error)
                call.began, call.future = began, future
            future = call.future
        return future.result()
