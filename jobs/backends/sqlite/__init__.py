"""SQLite: one writer for the whole database. All workers are on its machine.

So a fence closes the gates of the workers itself, in its own transaction.
"""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
from django.db import DEFAULT_DB_ALIAS, OperationalError, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from jobs.backends.base import Backend, FinishedRow, reason_of
from jobs.backends.compiled import fetch_rows
from jobs.backends.gates import FenceTimeout, GateFolder
from jobs.backends.gates.folder import AnyLease
from jobs.backends.sqlite import gate_files, scan_lock, writes
from jobs.backends.sqlite.store import SQLiteLeaseStore
from jobs.models import Lease

# sqlite3 releases the interpreter lock for each row. With a hundred pages that read some hundred
# rows each, the server's threads would do little but hand it to each other.
_FINISHED = """
SELECT json_group_array(json_object('path', key, 'status', status, 'message', message)),
    max(sequence)
FROM (
    SELECT key, status, message, sequence FROM jobs_jobitem
    WHERE job_id = %s AND slot = %s AND sequence > %s AND sequence <= %s
    ORDER BY sequence LIMIT %s
)
"""


class SQLiteBackend(Backend):
    # Heartbeats do not count while nobody can write, and a sweep kills the executor itself.
    spans_machines = False
    store_class = SQLiteLeaseStore
    gates = GateFolder(gate_files.folder, gate_files.database)
    json_members = "json_each({}) AS known"
    keys_table = "(SELECT value AS key, key + 1 AS place FROM json_each(%s)) AS given"

    def add_dedicated_options(self, options: dict[str, Any]) -> None:
        # The store waits for the write lock itself; only opening the file waits.
        command = options.get("init_command", "")
        options["init_command"] = f"{command};PRAGMA busy_timeout=0"

    def describe(self, error: Exception) -> str:
        if cause := self.diagnose(error):
            return cause
        name = connections[DEFAULT_DB_ALIAS].settings_dict["NAME"]
        return f"The database {name} cannot be used: {reason_of(error)}."

    def diagnose(self, error: BaseException) -> str:
        return writes.cause_of(error)

    def write_trouble(self, seconds: float) -> str:
        return writes.trouble(seconds)

    def end_reads(self) -> None:
        # An open cursor keeps the connection at the state that it began with. A write is refused,
        # as "database is locked", once another process has written.
        own = connections[DEFAULT_DB_ALIAS]
        if not own.in_atomic_block:
            own.close()

    def refresh(self, read: Callable[[], list[AnyLease]]) -> list[AnyLease]:
        return self.gates.refresh(read)

    def fence(self, leases: Iterable[Lease]) -> list[Lease]:
        return [lease for lease in leases if self.gates.close(lease)]

    def begin_sweep(self) -> None:
        with transaction.atomic():
            pass  # waits for the write lock

    def is_lock_timeout(self, error: OperationalError) -> bool:
        return isinstance(error, FenceTimeout)

    def adapt_keys(self, keys: list[str]) -> str:
        return json.dumps(keys)

    def finished_items(
        self, job_id: UUID, slot: int, after: int, up_to: int, limit: int
    ) -> tuple[list[FinishedRow], int]:
        ((text, last),) = fetch_rows(_FINISHED, [job_id.hex, slot, after, up_to, limit])
        return orjson.loads(text), last or after

    def scan_lock(self) -> AbstractContextManager[None]:
        return scan_lock.hold()

    def scan_is_running(self) -> bool:
        return scan_lock.is_held()

    def fetch_rows(
        self, connection: BaseDatabaseWrapper, statement: str, values: Sequence[Any]
    ) -> list[tuple[Any, ...]]:
        return connection.connection.execute(_question_marks(statement), values).fetchall()


@lru_cache(maxsize=200)
def _question_marks(statement: str) -> str:
    """The statement as Django's backend writes it for SQLite."""
    return re.sub("(?<!%)%s", "?", statement).replace("%%", "%")


backend = SQLiteBackend()
