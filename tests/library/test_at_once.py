"""A scan beside other scans and other writers, in real processes."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import override_settings

from jobs.exceptions import DataFolderUnusable, ScanRunning
from jobs.library.lock import scan_is_running, scan_lock
from jobs.library.state import scan_state
from jobs.models import LibraryFile
from tests.support.waiting import wait_until

HOLD = """
import django, sys; django.setup()
from jobs.library.lock import scan_lock
with scan_lock():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def elsewhere(library):
    """Another process that holds the lock of a scan; it is killed at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD],
        env=library.environment,
        cwd=settings.BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        yield process
        process.kill()


def test_a_second_scan_is_refused_and_the_first_is_told_of(library, elsewhere):
    library.write("a")

    with pytest.raises(ScanRunning):
        library.scan()

    assert scan_is_running()
    assert scan_state().running
    assert library.indexed == []


def test_a_scan_that_was_killed_is_in_nobodys_way(library, elsewhere):
    library.write("a")
    os.kill(elsewhere.pid, signal.SIGKILL)
    elsewhere.wait()

    wait_until(lambda: not scan_is_running(), what="the lock is free")
    assert library.scan().added == 1


def test_asking_whether_a_scan_runs_disturbs_none(library):
    assert not scan_is_running()
    with scan_lock():
        assert scan_is_running()
        assert scan_is_running()
    assert not scan_is_running()


def test_a_data_folder_that_cannot_be_used_is_an_error(library):
    library.write("a")
    if library.setup != "sqlite":
        # There the lock is in the database.
        library.scan()
        assert not (library.data / "scan.lock").exists()
        return
    with (
        override_settings(DATA_DIR=library.root / "a" / "below a file"),
        pytest.raises(DataFolderUnusable, match="DATA_DIR"),
    ):
        library.scan()


@pytest.mark.slow(15)
def test_other_writers_get_in_during_a_scan(library):
    """As a worker that finishes items: it changes rows, several at once, in the order of ids."""
    names = [f"{number % 20:02}/{number:04}" for number in range(1200)]
    library.write(*names)
    library.scan()
    ids = list(LibraryFile.objects.order_by("id").values_list("id", flat=True))
    waits: list[float] = []
    failures: list[DatabaseError] = []
    ended = threading.Event()

    def work():
        try:
            while not ended.is_set():
                for start in range(0, len(ids), 50):
                    began = time.monotonic()
                    finish(ids[start : start + 50])
                    waits.append(time.monotonic() - began)
                    if ended.wait(0.005):  # its items take a while too
                        break
        except DatabaseError as error:
            failures.append(error)
        finally:
            connection.close()

    def finish(some):
        with transaction.atomic():
            rows = LibraryFile.objects.filter(pk__in=some).order_by("pk")
            list(rows.select_for_update(no_key=True))
            rows.order_by().update(status="succeeded")

    worker = threading.Thread(target=work)
    worker.start()
    try:
        for turn in range(3):
            for name in names[300 + turn :: 4]:
                os.utime(library.root / name, ns=(0, turn))
            for name in names[turn * 100 : turn * 100 + 100]:
                (library.root / name).unlink()
            library.write(*(f"new {turn}/{number}" for number in range(200)))
            library.scan()
    finally:
        ended.set()
        worker.join()

    assert failures == []
    assert len(waits) > 3
    assert max(waits) < 20
    assert len(library.indexed) == 1200 - 300 + 600
