"""The project's own settings: read lazily, typed, with units in their names.

Each has a default here and is overridden by a Django setting `JOBS_<NAME>`.
"""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Defaults:
    """Every setting with its default. `docs/reference/settings.md` explains each."""

    HEARTBEAT_SECONDS: float = 2.0
    """How often a worker shows that it is alive."""
    LEASE_SECONDS: float = 10.0
    """A worker that has not shown this for so long is taken for dead."""
    SESSION_SECONDS: float = 60.0
    """A django-q2 task ends after so long, at the next item, so that deploys and others get in."""
    SLICE_SECONDS: float = 1.0
    """After so long in one job a worker looks whether another job waits for it."""
    STOP_SECONDS: float = 20.0
    """A stopping cluster lets the current item run on for so long, then gives it back."""
    SWEEP_SECONDS: float = 1.0
    """How often each cluster looks for dead workers, finished jobs and waiting work."""
    GROUP_SECONDS: float = 0.025
    """Results of cheap items are written together for at most so long."""
    GROUP_ITEMS: int = 64
    """… and at most so many of them."""
    EQUAL_ERRORS_PAUSE: int = 20
    """So many equal errors in a row pause the job; 0 switches this off."""
    WORKER_MEMORY_MB: int = 2048
    """An item that needs more memory than this fails; 0 means no limit."""
    OUTPUT_MB: int = 10
    """An item that prints more than this fails."""
    PREPARE_ITEMS: int = 10_000
    """A job of up to so many items is prepared, and its rows removed, while the request waits."""
    KEEP_DAYS: int = 0
    """Ended jobs older than this are deleted once a day; 0 keeps them."""


def get(name: str) -> Any:
    """The value of the setting `JOBS_<name>`, or its default.

    Raises AttributeError for a name that `Defaults` does not have.
    """
    default = getattr(_DEFAULTS, name)
    return getattr(settings, f"JOBS_{name}", default)


_DEFAULTS = Defaults()
NAMES = tuple(field.name for field in fields(Defaults))


def library_root() -> Path:
    """The absolute folder whose files are processed."""
    return Path(settings.LIBRARY_ROOT)


def data_dir() -> Path:
    """The absolute folder of the database, outputs and generated keys."""
    return Path(settings.DATA_DIR)


def workers() -> int:
    """How many worker processes a cluster of this machine has."""
    return int(settings.WORKERS)
