"""Updates the list of files on request: at once, or in a process of its own if it takes long."""

import os
import subprocess
import sys
import threading
import time
from pathlib import Path

from django.conf import settings

from jobs import backends
from jobs.exceptions import ScanRunning
from jobs.library.scan import scan_library
from jobs.library.scan_counts import ScanCounts
from jobs.processes.parent_death import bind_command

REQUEST_SECONDS = 2.0
"""How long a request waits; a library of 10,000 files is scanned by then."""

START_SECONDS = 15.0
"""How long a request waits for the start of the process."""


class _TooSlow(Exception):
    """The scan takes too long for a request. What was done is kept; a process does the rest."""


def scan(*, accept_removals: bool = False) -> bool:
    """Scan the library. True if that is done, False if a scan continues in another process.

    `accept_removals`: see `scan_library`. Raises LibraryUnreadable.
    """
    try:
        scan_library(progress=_stop_if_late, accept_removals=accept_removals)
    except _TooSlow:
        _scan_in_process(["--accept-removals"] if accept_removals else [])
        return not backends.current().scan_is_running()
    except ScanRunning:
        return False
    return True


def _stop_if_late(counts: ScanCounts) -> None:
    if counts.seconds > REQUEST_SECONDS:
        raise _TooSlow


def _scan_in_process(options: list[str]) -> None:
    """Start `manage.py scanlibrary`, and wait until it holds the scan's lock or has ended."""
    thread = threading.Thread(target=_run_command, args=(options,), daemon=True, name="scan")
    thread.start()
    deadline = time.monotonic() + START_SECONDS
    backend = backends.current()
    while thread.is_alive() and not backend.scan_is_running() and time.monotonic() < deadline:
        time.sleep(0.05)


def _run_command(options: list[str]) -> None:
    command = [sys.executable, str(Path(settings.BASE_DIR) / "manage.py"), "scanlibrary", *options]
    subprocess.run(
        # The command ends with this thread, and so with the web server.
        bind_command(command),
        # Debug mode keeps every query in memory.
        env={**os.environ, "DJANGO_DEBUG": "false"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        check=False,
    )
