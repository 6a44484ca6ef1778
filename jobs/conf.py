"""The engine's settings: read lazily, typed, with units in their names.

Each has a default here. A Django setting `JOBS_<NAME>` overrides it.
`docs/reference/settings.md` explains each.
"""

from pathlib import Path
from typing import Any, Generic, TypeVar

from django.conf import settings

T = TypeVar("T", float, int)


class _Setting(Generic[T]):
    """Reads the Django setting `JOBS_<NAME>` at each access."""

    def __init__(self, default: T) -> None:
        self.default: T = default

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = f"JOBS_{name}"

    def __get__(self, instance: object, owner: type) -> T:
        return getattr(settings, self.name, self.default)


class _Conf:
    HEARTBEAT_SECONDS = _Setting(2.0)
    """How often a worker writes a heartbeat."""
    LEASE_SECONDS = _Setting(10.0)
    """A worker without a heartbeat for this long is stalled and presumed dead."""
    TASK_SECONDS = _Setting(60.0)
    """A django-q2 task ends at the next item after this time, so that deploys need not wait."""
    LINGER_SECONDS = _Setting(2.0)
    """An executor without a job waits this long for another one, which it starts sooner."""
    SLICE_SECONDS = _Setting(1.0)
    """After this time in one job a worker checks whether another job needs it more."""
    SHUTDOWN_SECONDS = _Setting(20.0)
    """A cluster that shuts down lets the current item run this long, then releases it."""
    SWEEP_SECONDS = _Setting(1.0)
    """How often each cluster looks for dead workers, finished jobs and waiting work."""
    BATCH_SECONDS = _Setting(0.025)
    """Results of cheap items are written together after at most this time."""
    BATCH_ITEMS = _Setting(256)
    """Results of cheap items are written together after at most this many items."""
    MAX_EQUAL_ERRORS = _Setting(20)
    """This many equal errors in a row pause the job; 0 means never."""
    MAX_MEMORY_MB = _Setting(2048)
    """An item that needs more memory fails; 0 means no limit."""
    MAX_OUTPUT_MB = _Setting(10)
    """An item that prints more fails; 0 means no limit."""
    INLINE_ITEMS = _Setting(10_000)
    """A job of up to this many items is prepared, and its rows deleted, while the request waits."""
    MAX_ACTIVE_JOBS = _Setting(1000)
    """Unfinished jobs that one person may have; 0 means no limit."""
    UNKNOWN_OPERATION_SECONDS = _Setting(600.0)
    """A job whose operation no worker knows is paused after this time; 0 means never."""
    MAX_EVENTS = _Setting(1000)
    """Events of the engine that are kept for each job; 0 means no limit."""
    RETENTION_DAYS = _Setting(0)
    """Finished jobs older than this are deleted once a day; 0 keeps them."""

    REMEMBER_DAYS = _Setting(90)
    """What operations remember of a removed file is kept this long; 0 forgets it at once."""

    @property
    def library_root(self) -> Path:
        """The absolute folder whose files are processed."""
        return Path(settings.LIBRARY_ROOT)

    @property
    def data_dir(self) -> Path:
        """The absolute folder of the database, outputs and generated keys."""
        return Path(settings.DATA_DIR)

    @property
    def outputs_umask(self) -> int | None:
        """The umask with which operations write files; None keeps that of the process."""
        return getattr(settings, "OUTPUTS_UMASK", None)

    @property
    def command_environment(self) -> list[str]:
        """The variables that commands get besides those that all get."""
        return list(getattr(settings, "COMMAND_ENVIRONMENT", ()))

    @property
    def workers(self) -> int:
        """The number of worker processes of a cluster on this machine."""
        return int(settings.WORKERS)


def defaults() -> dict[str, Any]:
    """The default of every setting, by its name without `JOBS_`."""
    return {name: each.default for name, each in vars(_Conf).items() if isinstance(each, _Setting)}


conf = _Conf()
