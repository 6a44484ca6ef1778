"""Tools that a test may miss: a plain skip, or a failure where everything is required."""

import os
import shutil

import pytest


def require_or_skip(reason: str) -> None:
    """Ends the running test: skipped with `reason`, or failed when `REQUIRE_ALL` is 1."""
    if os.environ.get("REQUIRE_ALL") == "1":
        pytest.fail(f"REQUIRE_ALL=1 allows no skip: {reason}", pytrace=False)
    pytest.skip(reason)


def require_program(*names: str) -> str:
    """The path of the first of these programs that is installed; see `require_or_skip`."""
    for name in names:
        if found := shutil.which(name):
            return found
    require_or_skip(f"{' or '.join(names)} is not installed")
    raise AssertionError("unreachable")
