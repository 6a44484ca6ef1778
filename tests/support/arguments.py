"""The paths of tests on the command line. With pytest-xdist a wrong one would say nothing."""

import re
from pathlib import Path

import pytest


def check_arguments(arguments: list[str], folder: Path) -> None:
    """Raise UsageError if a `path` or `path::name` names nothing; paths are relative to `folder`.

    The processes of xdist collect the tests, and their errors about the command line get lost.
    """
    for argument in arguments:
        path, *names = argument.split("::")
        file = folder / path
        if not file.exists():
            raise pytest.UsageError(f"There is no test file or folder {path} in {folder}")
        for name in names:
            found = name.partition("[")[0]
            if not re.search(
                rf"^\s*(?:async def|def|class) {re.escape(found)}\b", file.read_text(), re.M
            ):
                raise pytest.UsageError(f"There is no test {found} in {path}")
