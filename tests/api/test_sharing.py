"""One reading for all who ask the same at once."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from threading import Event
from time import monotonic

import pytest

from jobs.api import sharing
from jobs.api.sharing import Shared
from tests.support.waiting import wait_until


class Reader:
    """Reads 1, 2, 3, …; each reading goes on until it is let go."""

    def __init__(self) -> None:
        self.readings = 0
        self.go_on = Event()
        self.error: Exception | None = None

    def __call__(self) -> int:
        self.readings += 1
        mine = self.readings
        assert self.go_on.wait(30)
        if self.error is not None:
            raise self.error
        return mine


@pytest.fixture
def read() -> Reader:
    return Reader()


Ask = Callable[[], "Future[int]"]


@pytest.fixture
def ask(read: Reader, monkeypatch: pytest.MonkeyPatch):
    """Asks in a thread of its own, and returns when that thread has begun to ask."""
    shared: Shared[int] = Shared()
    asked = 0

    def now() -> float:
        nonlocal asked
        asked += 1
        return monotonic()

    monkeypatch.setattr("jobs.api.sharing.monotonic", now)
    with ThreadPoolExecutor(20) as pool:

        def begin() -> "Future[int]":
            before = asked
            future = pool.submit(shared.get, "a job", read)
            wait_until(lambda: asked > before)
            return future

        yield begin
        read.go_on.set()


def test_who_asks_alone_reads_himself_each_time(read: Reader, ask: Ask):
    read.go_on.set()
    assert [ask().result(30) for _ in range(3)] == [1, 2, 3]


def test_who_asks_while_others_read_shares_the_next_reading(read: Reader, ask: Ask):
    first = ask()
    wait_until(lambda: read.readings == 1)
    waiting = [ask() for _ in range(8)]
    read.go_on.set()
    assert first.result(30) == 1
    # Not the first: that had begun before they asked.
    assert {future.result(30) for future in waiting} == {2}
    assert read.readings == 2


def test_an_error_is_shared_and_then_forgotten(read: Reader, ask: Ask):
    read.error = RuntimeError("the database is away")
    first = ask()
    wait_until(lambda: read.readings == 1)
    waiting = [ask() for _ in range(8)]
    read.go_on.set()
    for future in (first, *waiting):
        with pytest.raises(RuntimeError):
            future.result(30)
    assert read.readings == 2
    read.error = None
    assert ask().result(30) == 3


def test_keys_share_nothing_and_only_some_are_kept(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sharing, "_MOST", 3)
    shared: Shared[int] = Shared()
    assert [shared.get(key, partial(int, key)) for key in range(10)] == list(range(10))
    assert len(shared._readings) <= 3
