"""Tasks of a host project, which it gives to django-q2 itself."""

import time
from pathlib import Path


def note(path: str) -> None:
    """Appends the time, on the clock that all processes of the machine share."""
    with Path(path).open("a") as stream:
        stream.write(f"{time.monotonic()}\n")


def run(path: str, seconds: float) -> None:
    """Takes some time, and appends when it has ended."""
    time.sleep(seconds)
    note(path)
