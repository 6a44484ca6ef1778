"""One read for all threads that ask for the same at once."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Event
from time import monotonic

import pytest

from jobs.api import single_flight
from jobs.api.single_flight import SingleFlight
from tests.support.waiting import wait_until


class Reader:
    """Reads 1, 2, 3, …; each read lasts until `finish` is set."""

    def __init__(self) -> None:
        self.reads = 0
        self.finish = Event()
        self.error: Exception | None = None

    def __call__(self) -> int:
        self.reads += 1
        mine = self.reads
        assert self.finish.wait(30)
        if self.error is not None:
            raise self.error
        return mine


@pytest.fixture
def read() -> Reader:
    return Reader()


Ask = Callable[[], "Future[int]"]


@pytest.fixture
def ask(read: Reader, monkeypatch: pytest.MonkeyPatch):
    """Asks in a new thread, and returns when that thread has begun to ask."""
    flight: SingleFlight[int] = SingleFlight()
    asked = 0

    def now() -> float:
        nonlocal asked
        asked += 1
        return monotonic()

    monkeypatch.setattr("jobs.api.single_flight.monotonic", now)
    with ThreadPoolExecutor(20) as pool:

        def begin() -> "Future[int]":
            before = asked
            future = pool.submit(flight.get, "a job", read)
            wait_until(lambda: asked > before)
            return future

        yield begin
        read.finish.set()


def test_consecutive_requests_read_each_time(read: Reader, ask: Ask):
    read.finish.set()
    assert [ask().result(30) for _ in range(3)] == [1, 2, 3]


def test_requests_during_a_read_share_the_next_read(read: Reader, ask: Ask):
    first = ask()
    wait_until(lambda: read.reads == 1)
    waiting = [ask() for _ in range(8)]
    read.finish.set()
    assert first.result(30) == 1
    # Not the first: that had begun before they asked.
    assert {future.result(30) for future in waiting} == {2}
    assert read.reads == 2


def test_error_is_shared_and_then_forgotten(read: Reader, ask: Ask):
    read.error = RuntimeError("the database is away")
    first = ask()
    wait_until(lambda: read.reads == 1)
    waiting = [ask() for _ in range(8)]
    read.finish.set()
    for future in (first, *waiting):
        with pytest.raises(RuntimeError):
            future.result(30)
    assert read.reads == 2
    read.error = None
    assert ask().result(30) == 3


def test_keys_share_nothing_and_their_number_is_limited(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(single_flight, "_MAX_KEYS", 3)
    flight: SingleFlight[int] = SingleFlight()
    assert [flight.get(key, partial(int, key)) for key in range(10)] == list(range(10))
    assert len(flight._calls) <= 3
