"""Waits for a condition, with a deadline."""

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def wait_until(condition: Callable[[], T], *, seconds: float = 30.0, what: str = "") -> T:
    """The first true value of `condition()`. Raises AssertionError after the deadline."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"after {seconds:g} s still not true: {what or condition}")
        time.sleep(0.02)
    return value
