"""An operation's own numbers: what items return beside their results, and the sums of a job."""

import math
from collections.abc import Iterable, Mapping
from numbers import Integral, Real

import orjson

Totals = dict[str, int | float]
"""Numbers by name."""

MOST_NAMES = 64
"""A job has at most this many names."""
OTHERS = "other names"
"""The name under which numbers are summed whose own names come after MOST_NAMES."""
NAME_CHARACTERS = 60
LARGEST = 2**53
"""Larger whole numbers are not exact in every program that reads JSON."""


def check_totals(given: object) -> Totals:
    """Return what an item has returned as totals. Raises ValueError with a sentence."""
    if not isinstance(given, Mapping):
        raise ValueError("The operation returned totals that are not a dict of numbers")
    if len(given) > MOST_NAMES:
        raise ValueError(
            f"The operation returned totals of {len(given):,} names; at most {MOST_NAMES} are kept"
        )
    return {_name(name): _number(name, number) for name, number in given.items()}


def add_totals(sums: Totals, more: Iterable[Totals]) -> Totals:
    """Return the sums, by name. Names after MOST_NAMES are summed up under OTHERS."""
    added = dict(sums)
    for numbers in more:
        for name, number in numbers.items():
            # One place is for OTHERS.
            if name not in added and len(added) >= MOST_NAMES - (OTHERS not in added):
                name = OTHERS
            total = added.get(name, 0) + number
            added[name] = total if abs(total) <= LARGEST else float(total)
    return added


def encode_totals(totals: Totals) -> str:
    """Return the totals as they are stored: JSON, or nothing if there are none."""
    return orjson.dumps(totals).decode() if totals else ""


def decode_totals(stored: str) -> Totals:
    """Return the totals that `encode_totals` has made this text of."""
    return orjson.loads(stored) if stored else {}


def _name(name: object) -> str:
    if not isinstance(name, str) or not name.isprintable() or not 0 < len(name) <= NAME_CHARACTERS:
        raise ValueError(
            f"The name of a total must be text of 1 to {NAME_CHARACTERS} printable characters"
        )
    return name


def _number(name: str, number: object) -> int | float:
    if isinstance(number, bool) or not isinstance(number, Real):
        raise ValueError(f"The total “{name}” is not a number")
    plain = int(number) if isinstance(number, Integral) else float(number)
    if not math.isfinite(plain):
        raise ValueError(f"The total “{name}” is not finite")
    if abs(plain) > LARGEST:
        raise ValueError(f"The total “{name}” is larger than {LARGEST:,}")
    return plain
