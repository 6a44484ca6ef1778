"""In which order tests run, so that several processes end at about the same time."""

from collections import defaultdict

import pytest

USUAL_SECONDS = 5.0


def shared_out(items: list[pytest.Item], processes: int) -> list[pytest.Item]:
    """The tests as runs of equal length, one a process, each with long tests at its head.

    pytest-xdist's `worksteal` hands out such runs and moves tests from the ends of those that
    last. A long test at an end would be left alone there. `@pytest.mark.slow(seconds)` says
    how long: they go to the shares that have the least of them so far, the longest first.
    Those of a module stay together: they share what is set up, and would only slow each
    other down if they ran at once.
    """
    units: dict[str, list[pytest.Item]] = defaultdict(list)
    for item in items:
        if item.get_closest_marker("slow"):
            units[str(item.path)].append(item)
    heads: list[list[pytest.Item]] = [[] for _ in range(processes)]
    loads = [0.0] * processes
    for unit in sorted(units.values(), key=_seconds, reverse=True):
        lightest = loads.index(min(loads))
        heads[lightest] += unit
        loads[lightest] += _seconds(unit)
    rest = [item for item in items if item.get_closest_marker("slow") is None]
    ordered: list[pytest.Item] = []
    for number, head in enumerate(heads):
        size = (len(items) - len(ordered)) // (processes - number)
        room = max(0, size - len(head))
        ordered += head + rest[:room]
        del rest[:room]
    return ordered + rest


def _seconds(unit: list[pytest.Item]) -> float:
    marks = [item.get_closest_marker("slow") for item in unit]
    return sum(mark.args[0] if mark and mark.args else USUAL_SECONDS for mark in marks)
