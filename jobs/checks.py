"""System checks: settings that contradict each other fail `manage.py check`."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections

from jobs import operations
from jobs.backends import hears_notifications
from jobs.conf import conf
from jobs.exceptions import BadOperationsFile

MAX_RETENTION_DAYS = 100_000


@register(Tags.database)
def check_sqlite_options(databases: Iterable[str] | None = None, **_: Any) -> list[CheckMessage]:
    """SQLite must not lock writers out: IMMEDIATE transactions, WAL, a long busy timeout.

    With the defaults, a transaction that reads before it writes fails at once if another process
    has written in between, however long the timeout.
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


@register(Tags.database)
def check_notifications(databases: Iterable[str] | None = None, **_: Any) -> list[CheckMessage]:
    """Workers should hear of fences, or each start of an item has to ask the database."""
    if DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    try:
        heard = hears_notifications(seconds=1.0)
    except (DatabaseError, InterfaceError):
        return []  # a database that does not answer is reported elsewhere
    if heard:
        return []
    return [
        CheckWarning(
            "Notifications of PostgreSQL do not arrive: a pool between gives the connection to "
            "others after each transaction. So each start of an item asks the database, which "
            "makes jobs of small files slow.",
            hint="Let workers connect to PostgreSQL itself, or by a pool of sessions.",
            id="jobs.W001",
        )
    ]


@register("jobs")
def check_intervals(**_: Any) -> list[CheckMessage]:
    """A lease must last several heartbeats, and a broker message longer than every task."""
    found: list[CheckMessage] = []
    if conf.LEASE_SECONDS < 3 * conf.HEARTBEAT_SECONDS:
        found.append(
            Error(
                "JOBS_LEASE_SECONDS is less than three heartbeats: live workers would be "
                "presumed dead.",
                hint="Make it at least 3 × JOBS_HEARTBEAT_SECONDS.",
                id="jobs.E004",
            )
        )
    timeout = getattr(settings, "Q_CLUSTER", {}).get("timeout")
    if timeout is not None and timeout <= conf.TASK_SECONDS:
        found.append(
            Error(
                'Q_CLUSTER["timeout"] is not longer than JOBS_TASK_SECONDS: django-q2 would '
                "kill healthy workers.",
                hint="Omit it, or set it to days: each operation has its own time limit.",
                id="jobs.E005",
            )
        )
    return found


@register("jobs")
def check_retention(**_: Any) -> list[CheckMessage]:
    """Below 0 all finished jobs would be deleted at once; some numbers predate the calendar."""
    found: list[CheckMessage] = []
    for name, days, what, hint in (
        ("RETENTION", conf.RETENTION_DAYS, "finished jobs cannot be kept", "keep them forever"),
        ("REMEMBER", conf.REMEMBER_DAYS, "removed files cannot be remembered", "forget them"),
    ):
        if not 0 <= days <= MAX_RETENTION_DAYS:
            found.append(
                Error(
                    f"JOBS_{name}_DAYS is {days}: {what} for that many days.",
                    hint=f"Set it to 1 to {MAX_RETENTION_DAYS}, or to 0 to {hint}.",
                    id="jobs.E007",
                )
            )
    return found


@register("jobs")
def check_operations(**_: Any) -> list[CheckMessage]:
    """Report a mistake in OPERATIONS_FILE at the start, not when a job runs."""
    try:
        operations.all_operations()
    except BadOperationsFile as error:
        return [Error(error.message, hint="Correct OPERATIONS_FILE.", id="jobs.E006")]
    return []
