"""What happens once per item, in SQL by hand: claim, start, finish.

`open_ledger` gives the one for the database in use. The ORM would cost several times the
statements themselves here; everywhere else it is used.
"""

from django.db import DEFAULT_DB_ALIAS, connections

from jobs.ledger.base import Claimed, Ended, Gauges, LeaseLost, Ledger
from jobs.models import Lease

__all__ = ["Claimed", "Ended", "Gauges", "LeaseLost", "Ledger", "open_ledger"]


def open_ledger(lease: Lease, *, operation: str, remembers: bool) -> Ledger:
    """The ledger of one held lease, on the default database's connection of this thread."""
    connection = connections[DEFAULT_DB_ALIAS]
    connection.ensure_connection()
    if connection.vendor == "postgresql":
        from jobs.ledger.postgresql import PostgresLedger

        return PostgresLedger(lease, connection, operation=operation, remembers=remembers)
    if connection.vendor == "sqlite":
        from jobs.ledger.sqlite import SqliteLedger

        return SqliteLedger(lease, connection, operation=operation, remembers=remembers)
    raise NotImplementedError(f"There is no ledger for {connection.vendor}.")
