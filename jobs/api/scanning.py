"""Brings the list of files up to date on request: at once, or by a process if it takes long."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from django.conf import settings

from jobs.exceptions import ScanRunning
from jobs.library.lock import scan_is_running
from jobs.library.scan import ScanCounts, scan_library
from jobs.supervision import tether

PATIENCE_SECONDS = 2.0
"""A request waits for so long; a library of 10,000 files is scanned by then."""

START_SECONDS = 15.0
"""A scan that has not begun after so long will hardly begin."""


class _TakesLong(Exception):
    """What was done so far stays; a scan elsewhere does the rest."""


def scan() -> bool:
    """Scan the library. True if that is done, False if a scan goes on in another process.

    Raises LibraryUnreadable.
    """
    try:
        scan_library(progress=_stop_if_late)
    except _TakesLong:
        _scan_beside()
        return not scan_is_running()
    except ScanRunning:
        return False
    return True


def _stop_if_late(counts: ScanCounts) -> None:
    if counts.seconds > PATIENCE_SECONDS:
        raise _TakesLong


def _scan_beside() -> None:
    """Start `manage.py scanlibrary`, and wait until it holds the scan's lock or has ended."""
    thread = threading.Thread(target=_run_command, daemon=True, name="scan")
    thread.start()
    deadline = time.monotonic() + START_SECONDS
    while thread.is_alive() and not scan_is_running() and time.monotonic() < deadline:
        time.sleep(0.05)


def _run_command() -> None:
    # The tether ends the command with this thread, and so with the web server.
    launcher = [sys.executable, "-I", tether.__file__, str(os.getpid())]
    command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "scanlibrary"]
    subprocess.run(
        [*launcher, *command],
        # Debug mode keeps every query in memory.
        env={**os.environ, "DJANGO_DEBUG": "false"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        check=False,
    )
