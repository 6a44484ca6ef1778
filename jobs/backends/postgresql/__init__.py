"""PostgreSQL: workers may be on many machines, so a fence notifies them and they acknowledge it."""

import os
import socket
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any
from uuid import UUID

from django.db import Error, OperationalError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from jobs.backends.base import Backend, FinishedRow, reason_of
from jobs.backends.compiled import fetch_rows
from jobs.backends.gates import FenceTimeout, GateFolder
from jobs.backends.gates.file import Record
from jobs.backends.gates.folder import AnyLease
from jobs.backends.postgresql import writes
from jobs.backends.postgresql.channel import CHANNEL, NotificationChannel
from jobs.backends.postgresql.store import PostgreSQLLeaseStore
from jobs.conf import conf
from jobs.exceptions import ScanRunning
from jobs.models import Lease

_FINISHED = """
SELECT key, status, message, sequence FROM jobs_jobitem
WHERE job_id = %s AND slot = %s AND sequence > %s AND sequence <= %s
ORDER BY sequence LIMIT %s
"""
_SCAN_KEY = 0x626174636873
"""Of the advisory lock: "batchs"."""

_SCAN_IS_RUNNING = """
SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
    AND (classid::bigint << 32) + objid::bigint = %s
"""
_ACKNOWLEDGE = """
UPDATE jobs_lease SET gated = false,
    current_item = CASE WHEN {same} THEN {item} ELSE current_item END,
    batch_succeeded = CASE WHEN {same} THEN {succeeded} ELSE batch_succeeded END,
    batch_failed = CASE WHEN {same} THEN {failed} ELSE batch_failed END,
    current_since = CASE WHEN {same} THEN {since} ELSE current_since END
WHERE token = %(token)s AND fenced AND gated
    AND set_config('synchronous_commit', 'off', true) <> ''
""".format(
    same="(sequence, current_since) = (%(sequence)s, %(row_since)s)",
    item="%(current)s::bigint",
    since="%(since)s::float8",
    succeeded="%(succeeded)s::integer",
    failed="%(failed)s::integer",
)
# A crash of the server may forget it. Then the worker, which has closed its gate, repeats it.
_LOCK_NOT_AVAILABLE = "55P03"
_NUMBERS = 300
"""In one notification, which may have 8000 bytes."""
WEB_LOCK_SECONDS = 10.0
"""A call of the web server that waits for a lock for this long fails: its threads are few."""


class PostgreSQLBackend(Backend):
    spans_machines = True
    store_class = PostgreSQLLeaseStore
    gates = GateFolder(lambda: conf.data_dir / "gates", lambda: conf.data_dir / "gates")
    json_members = "jsonb_each({}) AS known"
    keys_table = "unnest(%s::text[]) WITH ORDINALITY AS given(key, place)"

    def add_dedicated_options(self, options: dict[str, Any]) -> None:
        # A transaction of the store waits for nothing but the server. If the worker's machine
        # goes down in the middle of one, the server still holds its lease row, for which a
        # cancel and the worker's own heartbeat wait: an item in C code that keeps the
        # interpreter delays the thread that flushes its batch. The heartbeat must come before
        # the worker counts as stale at 0.8 of the lease, and is at most 0.4 of it old.
        milliseconds = int(1000 * 0.4 * conf.LEASE_SECONDS)
        more = f"-c idle_in_transaction_session_timeout={milliseconds}"
        options["options"] = f"{options.get('options', '')} {more}".lstrip()

    def interrupt(self, connection: BaseDatabaseWrapper) -> None:
        driver = connection.connection
        if driver is None:
            return
        # The other thread may be closing it at this moment.
        with (
            suppress(OSError, Error),
            connection.wrap_database_errors,
            socket.socket(fileno=os.dup(driver.fileno())) as shared,
        ):
            shared.shutdown(socket.SHUT_RDWR)

    def add_web_options(self, options: dict[str, Any]) -> None:
        # A cancel may wait for the row of a worker whose machine went down: see above.
        seconds = max(WEB_LOCK_SECONDS, conf.LEASE_SECONDS)
        more = f"-c lock_timeout={int(1000 * seconds)}"
        options["options"] = f"{options.get('options', '')} {more}".lstrip()

    def describe(self, error: Exception) -> str:
        if cause := self.diagnose(error):
            return cause
        advice = "Check DATABASE_URL, and that the server runs."
        return f"The database cannot be used: {reason_of(error)}. {advice}"

    def diagnose(self, error: BaseException) -> str:
        return writes.cause_of(error)

    def write_trouble(self, seconds: float) -> str:
        return writes.trouble(seconds)

    def refresh(self, read: Callable[[], list[AnyLease]]) -> list[AnyLease]:
        # Never the gates: web servers of two machines must not contradict each other.
        return read()

    def fence(self, leases: Iterable[Lease]) -> list[Lease]:
        self.notify([lease.holder for lease in leases if lease.gated])
        return []

    def listen(self, connection: BaseDatabaseWrapper) -> NotificationChannel:
        return NotificationChannel(connection)

    def notify(self, numbers: Collection[int]) -> None:
        texts = [str(number) for number in numbers]
        with connection.cursor() as cursor:
            for begin in range(0, len(texts), _NUMBERS):
                text = " ".join(texts[begin : begin + _NUMBERS])
                cursor.execute("SELECT pg_notify(%s, %s)", [CHANNEL, text])

    def acknowledge(self, token: int) -> bool:
        record = self.gates.shut(token)
        values = (record or Record(-1, 0.0, 0, 0.0, 0, 0))._asdict()
        values["current"] = values["current"] or None
        with connection.cursor() as cursor:
            cursor.execute(_ACKNOWLEDGE, {**values, "token": token})
            return cursor.rowcount == 1

    def lock_count(self, name: str) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"jobs.{name}"])

    def limit_lock_wait(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '1s'")

    @contextmanager
    def bounded_lock_waits(self, seconds: float) -> Iterator[None]:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = {int(1000 * seconds)}")
        try:
            yield
        finally:
            # Not in a transaction that has failed: its end resets the option.
            with suppress(Error), connection.cursor() as cursor:
                cursor.execute("RESET lock_timeout")

    def is_lock_timeout(self, error: OperationalError) -> bool:
        locked = getattr(error.__cause__, "sqlstate", None) == _LOCK_NOT_AVAILABLE
        return locked or isinstance(error, FenceTimeout)

    def after_bulk_insert(self) -> None:
        # Without any statistics the planner sorts all pending items of the job for each claim,
        # until autovacuum's own round.
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE (SKIP_LOCKED) jobs_jobitem")

    def finished_items(
        self, job_id: UUID, slot: int, after: int, up_to: int, limit: int
    ) -> tuple[list[FinishedRow], int]:
        rows = fetch_rows(_FINISHED, [job_id, slot, after, up_to, limit])
        found = [FinishedRow(path=key, status=how, message=text) for key, how, text, _ in rows]
        return found, rows[-1][3] if rows else after

    @contextmanager
    def scan_lock(self) -> Iterator[None]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s)", [_SCAN_KEY])
            if not cursor.fetchone()[0]:
                raise ScanRunning
        try:
            yield
        finally:
            if connection.is_usable():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_unlock(%s)", [_SCAN_KEY])

    def scan_is_running(self) -> bool:
        with connection.cursor() as cursor:
            cursor.execute(_SCAN_IS_RUNNING, [_SCAN_KEY])
            return bool(cursor.fetchone()[0])

    def tune_tables(self, execute: Callable[[str], Any]) -> None:
        # Half of each page stays free, so that the hot lease rows are updated in place.
        execute("ALTER TABLE jobs_lease SET (fillfactor = 50)")

    def sort_by_bytes(self, execute: Callable[[str], Any], table: str, column: str) -> None:
        # The order of a walk through the folder, and the fastest to compare.
        execute(f'ALTER TABLE {table} ALTER COLUMN {column} TYPE text COLLATE "C"')

    def fetch_rows(
        self, connection: BaseDatabaseWrapper, statement: str, values: Sequence[Any]
    ) -> list[tuple[Any, ...]]:
        from psycopg import Cursor  # loaded by then

        # The server binds the values; Django's cursor does it in Python.
        return Cursor(connection.connection).execute(statement, values).fetchall()


backend = PostgreSQLBackend()
