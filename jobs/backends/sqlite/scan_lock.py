"""The lock of a scan: a locked file in DATA_DIR, which all scanners of this machine share."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from jobs.conf import conf
from jobs.exceptions import DataFolderUnusable, ScanRunning

_TRIES = 20
"""`is_held` holds the lock for an instant."""


def is_held() -> bool:
    """Return True if a scan holds the lock, in any process. Raises DataFolderUnusable."""
    try:
        with hold(fcntl.LOCK_SH, tries=1):
            return False
    except ScanRunning:
        return True


@contextmanager
def hold(kind: int = fcntl.LOCK_EX, tries: int = _TRIES) -> Iterator[None]:
    """Hold the lock. Raises ScanRunning and DataFolderUnusable."""
    file = conf.data_dir / "scan.lock"
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
