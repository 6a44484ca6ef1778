"""What happens once per item, in SQL by hand: claim, start, finish.

`open_ledger` gives the one for the database in use. The ORM would cost several times the
statements themselves here; everywhere else it is used.
"""

from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper

from jobs import conf
from jobs.ledger.base import Claimed, Ended, Gauges, LeaseLost, Ledger
from jobs.models import Lease

__all__ = ["Claimed", "Ended", "Gauges", "LeaseLost", "Ledger", "open_ledger", "own_connection"]


def own_connection() -> BaseDatabaseWrapper:
    """A connection to the default database that no other code of this thread uses.

    An operation may use the ORM, in transactions of its own, while a ledger writes.
    """
    connection = connections.create_connection(DEFAULT_DB_ALIAS)
    options = dict(connection.settings_dict["OPTIONS"])
    if connection.vendor == "sqlite":
        # The ledger waits for the write lock by itself; only opening the file waits.
        _add(options, "init_command", ";PRAGMA busy_timeout=0")
    if connection.vendor == "postgresql":
        # A turn waits for nothing but the server. A worker that vanishes in the middle of one
        # holds its lease row, for which a cancel waits, and its own heartbeat: an item in C code
        # that keeps the interpreter holds up the thread that writes its group. The heartbeat has
        # to come before the worker is silent for 0.8 of the lease, and is 0.4 of it old at most.
        milliseconds = int(1000 * 0.4 * conf.get("LEASE_SECONDS"))
        _add(options, "options", f" -c idle_in_transaction_session_timeout={milliseconds}")
    connection.settings_dict = {**connection.settings_dict, "OPTIONS": options}
    return connection


def _add(options: dict[str, Any], name: str, more: str) -> None:
    options[name] = f"{options.get(name, '')}{more}".lstrip()


def open_ledger(
    lease: Lease,
    *,
    operation: str,
    remembers: bool,
    connection: BaseDatabaseWrapper | None = None,
) -> Ledger:
    """The ledger of one held lease, by default on this thread's usual connection."""
    connection = connection or connections[DEFAULT_DB_ALIAS]
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        from jobs.ledger.postgresql import PostgresLedger

        return PostgresLedger(lease, connection, operation=operation, remembers=remembers)
    if connection.vendor == "sqlite":
        from jobs.ledger.sqlite import SqliteLedger

        return SqliteLedger(lease, connection, operation=operation, remembers=remembers)
    raise NotImplementedError(f"There is no ledger for {connection.vendor}.")
