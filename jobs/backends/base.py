"""What a database has to do differently from others: the interface that each backend implements.

The tests in `tests/backends` run against every backend; a new method is added there first.
`docs/architecture.md` lists what a third database needs.
"""

import abc
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from typing import Any, Literal, Protocol, TypedDict
from uuid import UUID

from django.db import OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from jobs.backends.gates import GateFolder
from jobs.backends.gates.folder import AnyLease
from jobs.backends.lease_store import LeaseStore
from jobs.models import Lease

_INSERT_KEYS = """
INSERT INTO jobs_jobitem (job_id, position, key, file_id, size, mtime_ns, status, message, attempts)
SELECT %s, %s + given.place, given.key, {file}, 'pending', '', 0
FROM {table} {join} ORDER BY given.place
"""
_INSERT_SELECTED = """
INSERT INTO jobs_jobitem (job_id, position, key, file_id, size, mtime_ns, status, message, attempts)
SELECT %s, %s + row_number() OVER (ORDER BY path) - 1, path, id, size, mtime_ns, 'pending', '', 0
FROM ({}) AS selected ORDER BY path
"""


_RENEW = """
UPDATE jobs_lease SET heartbeats = heartbeats + 1, heartbeat_at = %s WHERE token = %s
RETURNING fenced, gated
"""


class FinishedRow(TypedDict):
    """An item whose operation has ended, for a reader."""

    path: str
    status: Literal["succeeded", "failed"]
    message: str


class FenceChannel(Protocol):
    """Hears the numbers that `Backend.notify` sends, on a connection of its own."""

    def wait(self, seconds: float, wakeup: int) -> set[int]:
        """The numbers heard, empty after this time or once the descriptor `wakeup` is readable.

        Raises django.db.Error if the connection is lost.
        """


class Backend(abc.ABC):
    """The default database. Every method uses this thread's usual connection.

    A method that is not abstract is a hook: it does nothing where the database needs nothing.
    """

    spans_machines: bool
    """Workers may run on several machines, so a worker must stop before its lease expires."""

    store_class: type[LeaseStore]

    gates: GateFolder
    """Where the workers of this machine start items."""

    @abc.abstractmethod
    def add_dedicated_options(self, options: dict[str, Any]) -> None:
        """Add the options of a connection on which a LeaseStore writes."""

    def interrupt(self, connection: BaseDatabaseWrapper) -> None:
        """Wake up another thread that waits for this connection's server; it gets an error."""

    def add_web_options(self, options: dict[str, Any]) -> None:
        """Add the options of the web server's connections: a call must not wait for ever."""

    @abc.abstractmethod
    def describe(self, error: Exception) -> str:
        """One sentence for a person about an error of the database, without its password."""

    @abc.abstractmethod
    def diagnose(self, error: BaseException) -> str:
        """The sentence of `trouble` that is the cause of an error of the database, or empty."""

    def end_reads(self) -> None:
        """End the reads that an operation has left open on this thread's connection.

        Call it after code of an operation and before the engine's own writes.
        """

    @abc.abstractmethod
    def write_trouble(self, seconds: float) -> str:
        """The sentence of `trouble` that keeps the database from changes now, or empty.

        Tries to write on this thread's usual connection, outside of transactions; changes nothing
        that anybody reads. Waits for a lock for at most this long. Raises django.db.Error if the
        database does not answer.
        """

    # Leases.

    @abc.abstractmethod
    def refresh(self, read: Callable[[], list[AnyLease]]) -> list[AnyLease]:
        """Lease rows as `read` finds them, with what their workers run, as far as all can know it.

        `read` may be called again. Counters never decrease between two calls.
        """

    @abc.abstractmethod
    def fence(self, leases: Iterable[Lease]) -> list[Lease]:
        """Forbid starts under these leases, whose rows this transaction has locked.

        Returns the leases whose RUNNING_FIELDS had to be updated in memory. The others that are
        gated stay so until their workers acknowledge the fence. A rollback of the transaction
        lifts the fence. Raises FenceTimeout and OperationalError.
        """

    def listen(self, connection: BaseDatabaseWrapper) -> FenceChannel | None:
        """Hear on this connection which leases are fenced; None if a fence closes gates itself.

        Raises django.db.Error.
        """
        return None

    def notify(self, numbers: Collection[int]) -> None:
        """Send these numbers to all channels once the transaction is committed.

        A number is the token of a fenced lease, or below 0.
        """

    def acknowledge(self, token: int) -> bool:
        """Close the gate of a fenced lease of this machine, and record what its worker runs.

        True if this call did. Safe to repeat. Raises FenceTimeout and OperationalError.
        """
        return False

    def renew(self, token: int, at: datetime) -> tuple[bool, bool] | None:
        """Write a heartbeat; the lease's `fenced` and `gated` at that moment.

        None if no lease is held with this token.
        """
        with connection.cursor() as cursor:
            cursor.execute(_RENEW, [adapt(at), token])
            found = cursor.fetchall()
        return (bool(found[0][0]), bool(found[0][1])) if found else None

    def clean_up(self, tokens: Collection[int], *, older_than_seconds: float) -> None:
        """Remove what was stored for leases other than those held with `tokens`."""
        self.gates.clean_up(tokens, older_than_seconds=older_than_seconds)

    def lock_count(self, name: str) -> None:
        """Let one transaction at a time count what has this name, up to its end."""

    # Sweeps.

    def begin_sweep(self) -> None:
        """Wait until workers can write heartbeats: time in which they could not must not count."""

    def limit_lock_wait(self) -> None:
        """Wait at most a second for each lock in this transaction."""

    @abc.abstractmethod
    def is_lock_timeout(self, error: OperationalError) -> bool:
        """Return True if a stopped worker holds a lock, or is in the middle of a start."""

    def bounded_lock_waits(self, seconds: float) -> AbstractContextManager[None]:
        """Let this thread's statements wait for locks of tables no longer than this."""
        return nullcontext()

    json_members: str
    """SQL of a table `known (key, value)` of the members of a JSON column; {} is the column."""

    # Items.

    keys_table: str
    """SQL of a table `given (key, place)`, with places from 1; its parameter is `adapt_keys`."""

    def insert_items(
        self, job_id: UUID, first_position: int, keys: list[str], *, indexed: bool
    ) -> None:
        """Insert pending items for these keys, in order. `indexed`: they are library paths."""
        join = "JOIN jobs_libraryfile AS file ON file.path = given.key" if indexed else ""
        file = "file.id, file.size, file.mtime_ns" if indexed else "NULL, NULL, NULL"
        statement = _INSERT_KEYS.format(file=file, table=self.keys_table, join=join)
        with connection.cursor() as cursor:
            cursor.execute(statement, [adapt(job_id), first_position - 1, self.adapt_keys(keys)])

    def adapt_keys(self, keys: list[str]) -> Any:
        """The keys as the parameter of `keys_table`."""
        return keys

    def insert_selected_items(
        self, job_id: UUID, first_position: int, sql: str, parameters: Sequence[Any]
    ) -> int:
        """Insert a pending item for each file that `sql` selects, by path; how many.

        `sql` selects id, path, size and mtime_ns.
        """
        with connection.cursor() as cursor:
            statement = _INSERT_SELECTED.format(sql)
            cursor.execute(statement, [adapt(job_id), first_position, *parameters])
            return cursor.rowcount

    def after_bulk_insert(self) -> None:
        """Update the planner's statistics after many new items, where that matters."""

    @abc.abstractmethod
    def finished_items(
        self, job_id: UUID, slot: int, after: int, up_to: int, limit: int
    ) -> tuple[list[FinishedRow], int]:
        """Items that a slot finished with after < sequence <= up_to, in order, at most `limit`.

        Returns them and the last sequence, which is `after` if there are none.
        """

    # Scans of the library.

    @abc.abstractmethod
    def scan_lock(self) -> AbstractContextManager[None]:
        """Hold a lock that one scan at a time has. It ends with its process or connection.

        Raises ScanRunning if another scan holds it, and DataFolderUnusable.
        """

    @abc.abstractmethod
    def scan_is_running(self) -> bool:
        """Return True if a scan holds its lock, in any process. Raises DataFolderUnusable."""

    # Tables and reads.

    def tune_tables(self, execute: Callable[[str], Any]) -> None:
        """Set storage options of the new tables; called once, by the migration."""

    def sort_by_bytes(self, execute: Callable[[str], Any], table: str, column: str) -> None:
        """Compare a column of paths byte by byte; called once, by a migration."""

    @abc.abstractmethod
    def fetch_rows(
        self, connection: BaseDatabaseWrapper, statement: str, values: Sequence[Any]
    ) -> list[tuple[Any, ...]]:
        """The rows of a hand-written statement, by the driver itself; placeholders are %s."""


def reason_of(error: Exception) -> str:
    """The text of the driver's error in one line, without a full stop."""
    return " ".join(str(error).split()).rstrip(".?")


def adapt(value: Any) -> Any:
    """A value of a hand-written statement, as the driver takes it."""
    if isinstance(value, UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value
