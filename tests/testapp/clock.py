"""A wall clock that jumps an hour ahead when the test wants it, in all programs of a site."""

import os
import time
from datetime import timedelta
from pathlib import Path

from django.utils import timezone

VARIABLE = "BATCHSITE_TEST_CLOCK"
"""Names a file: from the moment it is there, it is an hour later."""

HOUR = timedelta(hours=1)


def install() -> None:
    """Before anything else has taken these functions over by name."""
    jump = Path(os.environ[VARIABLE])
    real_time, real_now = time.time, timezone.now
    time.time = lambda: real_time() + (HOUR.total_seconds() if jump.exists() else 0)
    timezone.now = lambda: real_now() + (HOUR if jump.exists() else timedelta())
