"""One folder for all that a test run makes, in memory if there is room: it spares the disk."""

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import IO

_VARIABLE = "BATCHSITE_TEST_RUN"
_PREFIX = "batchsite-run-"
_MEMORY = Path("/dev/shm")
_ROOM_BYTES = 2 * 1024**3
"""In a container there may be much less than a run needs."""

_held: list[IO[str]] = []
"""The lock of this run's folder. The kernel frees it when the run ends, however that happens."""


def open_run_folder() -> None:
    """Make it, for this process and those that it starts. Removes those of killed runs."""
    parent = _fast_parent()
    for folder in parent.glob(f"{_PREFIX}*"):
        with suppress(OSError), _lock(folder):
            shutil.rmtree(folder, ignore_errors=True)
    hidden = Path(tempfile.mkdtemp(prefix=f".{_PREFIX}", dir=parent))
    _held.append(_lock(hidden))
    hidden.chmod(0o755)  # PostgreSQL runs under another account
    # Only now may another run look at it.
    os.environ[_VARIABLE] = str(hidden.rename(parent / hidden.name.removeprefix(".")))


def run_folder() -> Path:
    return Path(os.environ[_VARIABLE])


def new_folder(prefix: str) -> Path:
    """A new one in the run's."""
    return Path(tempfile.mkdtemp(prefix=prefix, dir=run_folder()))


def close_run_folder() -> None:
    shutil.rmtree(os.environ.pop(_VARIABLE), ignore_errors=True)
    _held.pop().close()


def _lock(folder: Path) -> IO[str]:
    """Raises OSError while the run that made the folder is alive."""
    lock = (folder / "lock").open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        lock.close()
        raise
    return lock


def _fast_parent() -> Path:
    """Where there is memory to keep files, and programs may be started."""
    if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK):
        found = os.statvfs(_MEMORY)
        if found.f_bavail * found.f_frsize > _ROOM_BYTES and not found.f_flag & os.ST_NOEXEC:
            return _MEMORY
    return Path(tempfile.gettempdir())
