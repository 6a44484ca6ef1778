"""The part of docs/benchmarks.md about `verify`, and its goals."""

from collections.abc import Iterator
from statistics import median
from typing import Any

from tests.bench.numbers import size, spread, table
from tests.bench.verifying.memory import growth
from tests.bench.verifying.tools import TOOLS

OWN = "this build"
MOST_GROWTH_MIB = 4.0
_OLDER_GOALS = {"jpeg": 3.0, "png": 1.5}
_TOOL_GOALS = {"jpeg": 0.9}
_NAMES = {"jpeg": "JPEG", "png": "PNG", "pdf": "PDF", "media": "sound and film"}

_INTRO = """Two workers of a real cluster check files that the benchmark makes, and two processes of
each program check the same files, in turns, from the page cache. *CPU* is the time of all
processors for one file. *Times* is how many times as fast *this build* is as the row: by the clock,
and by processor time, which other programs on the machine change less. `verify` computes the
SHA-256 as well."""


def verifying(found: dict[str, Any]) -> list[str]:
    """Sections as Markdown; none if nothing was measured."""
    if not found:
        return []
    return ["## The checks of `verify`", _INTRO, *(_kind(kind, one) for kind, one in found.items())]


def ratio_goals(found: dict[str, Any]) -> Iterator[tuple[str, float, float | None]]:
    """Yield name, aim and what was reached, by processor time."""
    for kind, one in found.items():
        older = next((label for label in one["runs"] if label.startswith("build ")), None)
        if kind in _OLDER_GOALS:
            reached = _times(one, older, "cpu_seconds") if older else None
            yield f"verify, {_NAMES[kind]}: times the older build", _OLDER_GOALS[kind], reached
        tool = TOOLS[kind][0].label
        reached = _times(one, tool, "cpu_seconds") if tool in one["runs"] else None
        yield f"verify, {_NAMES[kind]}: times {tool}", _TOOL_GOALS.get(kind, 1.0), reached


def memory_goals(found: dict[str, Any]) -> Iterator[tuple[str, float, float]]:
    """Yield name, most and what was measured, in MiB."""
    for kind, one in found.items():
        name = f"verify, {_NAMES[kind]}: growth of a worker, MiB"
        yield name, MOST_GROWTH_MIB, growth(one["memory"]) / 1024**2


def _kind(kind: str, one: dict[str, Any]) -> str:
    header = (
        f"{_NAMES[kind]}: {one['files']:,} files, {size(one['bytes'])}",
        "files/s", "CPU, ms", "times, clock", "times, CPU",
    )  # fmt: skip
    rows = []
    for label, run in one["runs"].items():
        rates = [one["files"] / seconds for seconds in run["seconds"]]
        cpu = [seconds / one["files"] for seconds in run["cpu_seconds"]]
        times = [f"{_times(one, label, unit):.2f}" for unit in ("seconds", "cpu_seconds")]
        rows.append([label, spread(rates), spread(cpu, 1e3, 1), *times])
    passes = ", ".join(f"{passed / 1024**2:,.0f}" for passed in one["memory"])
    return f"{table(header, rows)}\n\nMemory of one process after each pass, MiB: {passes}."


def _times(one: dict[str, Any], label: str, unit: str) -> float:
    runs = one["runs"]
    return median(runs[label][unit]) / median(runs[OWN][unit])
