"""One scan at a time: a lock that ends with the process or connection that holds it."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from jobs import conf
from jobs.exceptions import DataFolderUnusable, ScanRunning

_KEY = 0x626174636873
"""Of the advisory lock on PostgreSQL: "batchs". Locks of other databases do not count."""

_TRIES = 20
"""Somebody who only asks whether a scan runs holds the lock for an instant."""


@contextmanager
def scan_lock() -> Iterator[None]:
    """Hold the lock. Raises ScanRunning if somebody else does, DataFolderUnusable.

    On SQLite all scanners are on this machine and share DATA_DIR; on PostgreSQL they may be
    on several, and share the database.
    """
    with _advisory_lock() if connection.vendor == "postgresql" else _file_lock(fcntl.LOCK_EX):
        yield


def scan_is_running() -> bool:
    """A scan is running now, in whatever process."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted "
                "AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) "
                "AND (classid::bigint << 32) + objid::bigint = %s",
                [_KEY],
            )
            return bool(cursor.fetchone()[0])
    try:
        with _file_lock(fcntl.LOCK_SH, tries=1):
            return False
    except ScanRunning:
        return True


@contextmanager
def _file_lock(kind: int, tries: int = _TRIES) -> Iterator[None]:
    file = conf.data_dir() / "scan.lock"
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DataFolderUnusable(file=file, reason=error.strerror) from None
    try:
        while True:
            try:
                fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                tries -= 1
                if not tries:
                    raise ScanRunning from None
                time.sleep(0.005)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def _advisory_lock() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [_KEY])
        if not cursor.fetchone()[0]:
            raise ScanRunning
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_KEY])
