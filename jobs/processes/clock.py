"""Clocks that no change of date moves, for everything that measures how long something takes.

`seconds` counts from the boot of this machine, sleep included. A stamp that people read as a date
is `now`: the date at which this process has set it, plus the seconds since. Its `offset` is stored
with the stamp, so that any process of the machine can measure from it by `elapsed`.
"""

import time

from jobs.processes.identity import machine_id

CLOCK = getattr(time, "CLOCK_BOOTTIME", None)
"""Only on Linux; elsewhere the date is all that processes have in common."""

_STEADY = time.CLOCK_MONOTONIC if CLOCK is None else CLOCK

_offset = 0.0


def seconds() -> float:
    """Seconds since the boot of this machine; on systems other than Linux since 1970."""
    return time.time() if CLOCK is None else time.clock_gettime(CLOCK)


def steady() -> float:
    """Seconds since some moment, the same for all processes of this machine; no date moves it.

    It counts the sleep of the machine.
    """
    return time.clock_gettime(_STEADY)


def boot() -> str:
    """A name of this boot of this machine, the same in all its containers; empty if unknown."""
    return "" if CLOCK is None else _boot_of(machine_id())


def set_date() -> None:
    """Take over the date of the wall clock. A worker does this before each of its tasks."""
    global _offset
    _offset = time.time() - seconds()


def now() -> float:
    """Seconds since 1970, by the date of the last `set_date`; later changes move nothing."""
    if CLOCK is None:
        return time.time() + _offset
    return time.clock_gettime(CLOCK) + _offset  # not by a call: this runs twice for each item


def offset() -> float:
    """The difference of `now` and `seconds`: to be stored with stamps of `now`."""
    return _offset


def elapsed(since: float, *, machine: str, offset: float | None) -> float:
    """Seconds since this stamp of a process of `machine`, at least 0.

    Exact on that machine; elsewhere the difference of the dates of two machines.
    """
    here = offset is not None and boot() != "" and _boot_of(machine) == boot()
    date = seconds() + offset if here and offset is not None else time.time()
    return max(0.0, date - since)


def mark() -> str:
    """A text that stands for this moment, for `since_mark`."""
    return f"{boot()} {seconds():.3f}"


def since_mark(text: str) -> float | None:
    """Seconds since this mark; None if it is of another machine or boot, or no mark."""
    name, _, value = text.rpartition(" ")
    if not name or name != boot():
        return None
    return max(0.0, seconds() - float(value))


def _boot_of(machine: str) -> str:
    return machine.partition("/")[0]


set_date()
