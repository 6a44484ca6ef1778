"""System checks: settings that contradict each other fail `manage.py check`."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from jobs import conf, operations
from jobs.exceptions import BadOperationsFile

MAX_KEEP_DAYS = 100_000


@register(Tags.database)
def sqlite_suits_several_processes(
    databases: Iterable[str] | None = None, **_: Any
) -> list[CheckMessage]:
    """SQLite must not lock writers out: IMMEDIATE transactions, WAL, a patient busy timeout.

    With its defaults a transaction that reads before it writes fails at once when another
    process has written meanwhile, however long the timeout.
    """
    found: list[CheckMessage] = []
    for alias in databases or ():
        if connections[alias].vendor != "sqlite":
            continue
        options = connections[alias].settings_dict["OPTIONS"]
        if options.get("transaction_mode") != "IMMEDIATE":
            found.append(
                Error(
                    f"The SQLite database “{alias}” does not use IMMEDIATE transactions.",
                    hint='Set OPTIONS["transaction_mode"] = "IMMEDIATE".',
                    id="jobs.E001",
                )
            )
        if "journal_mode=wal" not in options.get("init_command", "").lower().replace(" ", ""):
            found.append(
                Error(
                    f"The SQLite database “{alias}” does not use write-ahead logging.",
                    hint='Put "PRAGMA journal_mode=WAL;" into OPTIONS["init_command"].',
                    id="jobs.E002",
                )
            )
        if options.get("timeout", 5) < 20:
            found.append(
                Error(
                    f"The SQLite database “{alias}” waits less than 20 seconds for a lock.",
                    hint='Set OPTIONS["timeout"] = 30.',
                    id="jobs.E003",
                )
            )
    return found


@register("jobs")
def periods_fit_together(**_: Any) -> list[CheckMessage]:
    """A lease must outlive several heartbeats, and a broker message every task."""
    found: list[CheckMessage] = []
    if conf.get("LEASE_SECONDS") < 3 * conf.get("HEARTBEAT_SECONDS"):
        found.append(
            Error(
                "JOBS_LEASE_SECONDS is less than three heartbeats: live workers would be "
                "taken for dead.",
                hint="Make it at least 3 × JOBS_HEARTBEAT_SECONDS.",
                id="jobs.E004",
            )
        )
    timeout = getattr(settings, "Q_CLUSTER", {}).get("timeout")
    if timeout is not None and timeout <= conf.get("SESSION_SECONDS"):
        found.append(
            Error(
                'Q_CLUSTER["timeout"] is not longer than JOBS_SESSION_SECONDS: django-q2 would '
                "kill workers that work well.",
                hint="Leave it out, or make it days: each operation has its own time limit.",
                id="jobs.E005",
            )
        )
    return found


@register("jobs")
def jobs_are_kept_for_a_time_there_is(**_: Any) -> list[CheckMessage]:
    """Below 0 all ended jobs would be deleted at once; no date is so far back as some numbers."""
    days = conf.get("KEEP_DAYS")
    if 0 <= days <= MAX_KEEP_DAYS:
        return []
    return [
        Error(
            f"JOBS_KEEP_DAYS is {days}: ended jobs cannot be kept for so many days.",
            hint=f"Make it 1 to {MAX_KEEP_DAYS}, or 0 to keep them for ever.",
            id="jobs.E007",
        )
    ]


@register("jobs")
def operations_can_be_loaded(**_: Any) -> list[CheckMessage]:
    """A mistake in OPERATIONS_FILE is told at the start and not when a job is run."""
    try:
        operations.all_operations()
    except BadOperationsFile as error:
        return [Error(error.message, hint="Mend OPERATIONS_FILE.", id="jobs.E006")]
    return []
