"""Medians, percentiles, ranges and overheads, and their text."""

import math
from collections.abc import Sequence
from statistics import median
from typing import Any

WORKERS = 2

Found = dict[str, Any]


def rate(found: Found, stack: str, engine: str, kind: str) -> float | None:
    """The median items per second, or None if it was not measured."""
    rates = found["engines"].get(stack, {}).get(engine, {}).get("rates", {}).get(kind)
    return median(rates) if rates else None


def overhead(found: Found, stack: str, engine: str, kind: str) -> float | None:
    """Seconds that a worker spends on an item beyond the plain loop's."""
    own, loop = rate(found, stack, engine, kind), rate(found, "sqlite", "loop", kind)
    return WORKERS / own - WORKERS / loop if own and loop else None


def percentile(values: Sequence[float], percent: int) -> float:
    """The smallest of the values that so many percent of them do not exceed.

    Unlike `statistics.quantiles` it takes a single value too, and makes up none in between.
    """
    return sorted(values)[math.ceil(len(values) * percent / 100) - 1]


def spread(values: Sequence[float] | None, scale: float = 1.0, digits: int = 0) -> str:
    """Such as "9,700 (9,100–10,200)": median and range."""
    if not values:
        return "–"
    middle, low, high = (
        f"{value * scale:,.{digits}f}" for value in (median(values), min(values), max(values))
    )
    return middle if low == high else f"{middle} ({low}–{high})"


def duration(seconds: float | None) -> str:
    """In the unit that fits."""
    if seconds is None:
        return "–"
    if abs(seconds) >= 1:
        return f"{seconds:.1f} s"
    return f"{seconds * 1e3:.1f} ms" if abs(seconds) >= 1e-3 else f"{seconds * 1e6:.0f} µs"


def size(number: float) -> str:
    return f"{number / 1024**2:,.0f} MiB"


def table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; the first column is text, the others are numbers."""
    line = "| " + " | ".join(header) + " |"
    rule = "| --- |" + " ---: |" * (len(header) - 1)
    return "\n".join([line, rule, *("| " + " | ".join(row) + " |" for row in rows)])
