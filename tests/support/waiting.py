"""Waits for a condition, with a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], *, seconds: float = 30.0, what: str = "") -> T:
    """The first true value of `condition()`. Raises AssertionError after the deadline.

    Looks again after 10 ms, and less often the longer it takes: looking costs the processor time
    of what is waited for.
    """
    began = time.monotonic()
    deadline = began + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds:g} s still not true: {what or condition}")
        time.sleep(min(0.1, 0.01 + (time.monotonic() - began) / 20))
    return value
