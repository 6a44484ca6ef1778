"""The work that is done to an item, the same for everything that is compared. Knows no Django."""

import hashlib
import os
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

TRACED_SECONDS = 0.01
"""How long a traced item takes."""

_buffer = bytearray(1024 * 1024)
_view = memoryview(_buffer)
_STAMP = struct.Struct("d")


@dataclass(frozen=True, slots=True)
class Work:
    """A job to be done: `count` items of one kind.

    kind    noop: nothing; sha256: of the files in the folder `source`, again and again;
            traced: 10 ms of sleep, and its start is appended to the file `source`
    """

    kind: str
    count: int
    source: str = ""

    def item_keys(self) -> Iterator[str]:
        if self.kind == "sha256":
            files = sorted(str(file) for file in Path(self.source).iterdir())
            return islice(cycle(files), self.count)
        prefix = self.source or "item"
        return (f"{prefix}#{number}" for number in range(self.count))


def noop(key: str) -> None:
    """Nothing at all: what is measured is the bookkeeping."""


def sha256(key: str) -> dict[str, Any]:
    """Into one buffer that is used again: a new one for each file would cost more than some."""
    digest = hashlib.sha256()
    with open(key, "rb", buffering=0) as file:
        while size := file.readinto(_buffer):
            digest.update(_view[:size])
    return {"sha256": digest.hexdigest()}


def traced(key: str) -> None:
    """Says when it was started, on the clock that all processes of the machine share."""
    stamp = _STAMP.pack(time.monotonic())
    file = os.open(key.rpartition("#")[0], os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, stamp)
    os.close(file)
    time.sleep(TRACED_SECONDS)


def wait(key: str) -> None:
    """As long as a traced item, without the trace."""
    time.sleep(TRACED_SECONDS)


def starts(source: str) -> list[float]:
    """When the traced items of a job were started, so far; monotonic seconds, in order."""
    try:
        data = Path(source).read_bytes()
    except FileNotFoundError:
        return []
    return sorted(stamp for (stamp,) in _STAMP.iter_unpack(data))


PERFORM = {"noop": noop, "sha256": sha256, "traced": traced, "wait": wait}
