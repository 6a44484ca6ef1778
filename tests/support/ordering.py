"""In which order the modules run, and which of them together, in the processes of pytest-xdist."""

from collections import defaultdict
from typing import Any

import pytest

USUAL_SECONDS = 5.0
TOGETHER = ("tests/browser/", "tests/acceptance/")
"""Folders whose modules share what is costly to start, so one process runs all of them."""


def unit_of(module: str) -> str:
    """What one process runs as a whole: the folder of this module, or the module alone."""
    return next((folder for folder in TOGETHER if module.startswith(folder)), module)


def longest_units_first(items: list[pytest.Item]) -> list[pytest.Item]:
    """The tests in the order of their units' `@pytest.mark.slow(seconds)`, the longest first.

    A unit sets up its sites and browsers once. A long one that came last would be alone in the end.
    """
    seconds: dict[str, float] = defaultdict(float)
    for item in items:
        if mark := item.get_closest_marker("slow"):
            seconds[_unit(item)] += mark.args[0] if mark.args else USUAL_SECONDS
    return sorted(items, key=lambda item: -seconds[_unit(item)])


def _unit(item: pytest.Item) -> str:
    return unit_of(item.nodeid.partition("::")[0])


def scheduler(config: pytest.Config, log: Any) -> Any:
    """The scheduler of `--dist loadscope` that keeps units together, in place of modules."""
    from xdist.scheduler import LoadScopeScheduling

    class UnitScheduling(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return unit_of(nodeid.partition("::")[0])

    return UnitScheduling(config, log)
