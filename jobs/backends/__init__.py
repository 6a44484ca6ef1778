"""All hand-written SQL, one implementation for each database.

`current` gives the backend of the default database. `open_store` gives the store of one lease,
which does the work for each item: claim, start, finish. The ORM would cost several times the
statements there; it is used elsewhere.
"""

import os
import secrets
from contextlib import closing
from time import monotonic

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import QuerySet

from jobs.backends.base import Backend, FenceChannel, FinishedRow, adapt
from jobs.backends.compiled import CompiledQuery
from jobs.backends.error_streak import ErrorStreak, merge
from jobs.backends.gates import RUNNING_FIELDS, FenceTimeout, Permit
from jobs.backends.lease_store import ClaimedItem, FinishedItem, Gauges, LeaseLost, LeaseStore
from jobs.backends.loading import current
from jobs.backends.persons import Person, persons_by_turn
from jobs.backends.totals import JobTotals, job_totals
from jobs.models import Lease

__all__ = [
    "RUNNING_FIELDS",
    "Backend",
    "ClaimedItem",
    "CompiledQuery",
    "ErrorStreak",
    "FenceChannel",
    "FenceTimeout",
    "FinishedItem",
    "FinishedRow",
    "Gauges",
    "JobTotals",
    "LeaseLost",
    "LeaseStore",
    "Permit",
    "Person",
    "adapt",
    "current",
    "dedicated_connection",
    "hears_notifications",
    "job_totals",
    "live_leases",
    "local_leases",
    "merge",
    "open_store",
    "persons_by_turn",
]


def live_leases(leases: QuerySet[Lease]) -> list[Lease]:
    """These leases, with what their workers run, as all readers see it."""
    return current().refresh(lambda: list(leases.all()))


def local_leases(leases: QuerySet[Lease]) -> list[Lease]:
    """These leases of workers of this machine, with what they run at this moment."""
    return current().gates.refresh(lambda: list(leases.all()))


def dedicated_connection() -> BaseDatabaseWrapper:
    """A connection to the default database that no other code of this thread uses.

    An operation may use the ORM, in transactions of its own, while a LeaseStore writes.
    """
    made = connections.create_connection(DEFAULT_DB_ALIAS)
    options = dict(made.settings_dict["OPTIONS"])
    current().add_dedicated_options(options)
    made.settings_dict = {**made.settings_dict, "OPTIONS": options}
    return made


def hears_notifications(*, seconds: float) -> bool:
    """Return True if a notification arrives on another connection within this time.

    Also where fences need none. Raises django.db.Error.
    """
    probe, deadline = -1 - secrets.randbits(62), monotonic() + seconds
    quiet, end = os.pipe()
    try:
        with closing(connections.create_connection(DEFAULT_DB_ALIAS)) as own:
            channel = current().listen(own)
            current().notify([probe])
            while channel is not None and probe not in channel.wait(seconds, quiet):
                if monotonic() > deadline:
                    return False
        return True
    finally:
        os.close(quiet)
        os.close(end)


def open_store(
    lease: Lease,
    *,
    operation: str,
    remembers: bool,
    connection: BaseDatabaseWrapper | None = None,
    permit: Permit | None = None,
) -> LeaseStore:
    """The store of one held lease, by default on this thread's usual connection.

    `permit`: until when its items may be started without asking the database. Without one they
    are not, except where a fence closes gates itself.
    """
    connection = connection or connections[DEFAULT_DB_ALIAS]
    connection.ensure_connection()
    found = current()
    store = found.store_class(lease, connection, operation=operation, remembers=remembers)
    store.gates, store.permit = found.gates, permit if found.spans_machines else None
    return store
