"""A scan at the same time as other scans and other writers."""

import os
import subprocess
import sys
import threading
import time

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.test import override_settings

from jobs import backends
from jobs.exceptions import DataFolderUnusable, ScanRunning
from jobs.library.scan_state import scan_state
from jobs.models import LibraryFile
from tests.support.factories import set_outcomes
from tests.support.waiting import wait_until

HOLD = """
import django, sys; django.setup()
from jobs import backends
with backends.current().scan_lock():
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def elsewhere(library):
    """Another process that holds the scan's lock; it is killed at the end of the test."""
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


def test_second_scan_is_refused_until_the_first_is_killed(library, elsewhere):
    library.write("a")

    with pytest.raises(ScanRunning):
        library.scan()
    assert backends.current().scan_is_running()
    assert scan_state().running
    assert library.indexed == []

    elsewhere.kill()
    elsewhere.wait()
    wait_until(lambda: not backends.current().scan_is_running(), what="the lock is free")
    assert library.scan().added == 1


def test_scan_is_running_shows_the_lock_and_does_not_take_it(library):
    assert not backends.current().scan_is_running()
    with backends.current().scan_lock():
        assert backends.current().scan_is_running()
        assert backends.current().scan_is_running()
    assert not backends.current().scan_is_running()


def test_unusable_data_folder_is_an_error_where_it_holds_the_lock(library):
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
def test_other_writers_can_write_during_a_scan(library):
    """The other writer changes rows as workers do: several at once, in the order of ids."""
    names = [f"{number % 20:02}/{number:04}" for number in range(1200)]
    library.write(*names)
    library.scan()
    ids = list(LibraryFile.objects.order_by("id").values_list("id", flat=True))
    waits: list[float] = []
    failures: list[DatabaseError] = []
    stopped = threading.Event()

    def work():
        try:
            while not stopped.is_set():
                for start in range(0, len(ids), 50):
                    began = time.monotonic()
                    finish(ids[start : start + 50])
                    waits.append(time.monotonic() - began)
                    if stopped.wait(0.005):  # its items take time too
                        break
        except DatabaseError as error:
            failures.append(error)
        finally:
            connection.close()

    def finish(some):
        with transaction.atomic():
            rows = LibraryFile.objects.filter(pk__in=some).order_by("pk")
            set_outcomes(list(rows.select_for_update(no_key=True)), status="succeeded")

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
        stopped.set()
        worker.join()

    assert failures == []
    assert len(waits) > 3
    assert max(waits) < 20
    assert len(library.indexed) == 1200 - 300 + 600
