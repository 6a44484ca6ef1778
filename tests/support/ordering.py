"""In which order the modules run, so that all processes of pytest-xdist end at about one time."""

from collections import defaultdict

import pytest

USUAL_SECONDS = 5.0


def longest_modules_first(items: list[pytest.Item]) -> list[pytest.Item]:
    """The tests in the order of their modules' `@pytest.mark.slow(seconds)`, the longest first.

    xdist's `loadscope` keeps a module together, which so sets up its sites and browsers once.
    A long module that came last would be alone in the end.
    """
    seconds: dict[str, float] = defaultdict(float)
    for item in items:
        if mark := item.get_closest_marker("slow"):
            seconds[str(item.path)] += mark.args[0] if mark.args else USUAL_SECONDS
    return sorted(items, key=lambda item: -seconds[str(item.path)])
