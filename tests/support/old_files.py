"""Files of a library that are older than the jobs of a test, until the test changes them."""

import os
import time
from pathlib import Path


def write_old(path: Path) -> None:
    """The file as it was before any job; also puts it back."""
    path.write_text(path.name)
    os.utime(path, (1, 1))


def change(path: Path) -> None:
    """Another content, written after every job that was made until now."""
    path.write_text("other")
    os.utime(path, (time.time() + 5, time.time() + 5))
