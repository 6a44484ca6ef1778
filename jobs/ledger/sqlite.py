"""The ledger on SQLite. Its single writer makes each statement atomic against all others."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from time import gmtime, monotonic, sleep, strftime, time
from typing import Any
from uuid import UUID

from django.db.utils import DatabaseErrorWrapper

from jobs.gates import Gate
from jobs.ledger.base import Claimed, Ended, Gauges, LeaseRow, Ledger, count
from jobs.models import Lease
from jobs.states import ItemStatus
from jobs.streak import Streak

LOCK = """
SELECT fenced, sequence, first_position, last_position, current_since FROM jobs_lease
WHERE id = ? AND token = ?
"""
FINISH = """
UPDATE jobs_jobitem SET status = ?, message = ?, result = ?, attempts = ?, started_at = ?,
    finished_at = ?, claim = NULL, lane = ?, sequence = ?
WHERE id = ? AND claim = ?
"""
FINISH_FILE = """
UPDATE jobs_libraryfile SET status = ?, message = ?, last_job_id = ? WHERE id = ?
"""
REMEMBER = "UPDATE jobs_libraryfile SET memory = json_set(memory, ?, json(?)) WHERE id = ?"
# By (status, position) as on PostgreSQL, where it matters which index is chosen.
CLAIM = """
UPDATE jobs_jobitem SET claim = ?, status = ?, started_at = ? WHERE id IN (
    SELECT id FROM jobs_jobitem
    WHERE job_id = ? AND (status, position) > ('pending', ?)
        AND (status, position) < ('pending', 2147483647) AND claim IS NULL
    ORDER BY status, position LIMIT ?
) RETURNING id, position, key, attempts, file_id
"""
HELD = """
SELECT id, position, key, attempts, file_id FROM jobs_jobitem
WHERE job_id = ? AND position BETWEEN ? AND ? AND claim = ? ORDER BY position
"""
MEMORIES = "SELECT id, json_extract(memory, ?) FROM jobs_libraryfile WHERE id IN ({})"
RELEASE = """
UPDATE jobs_jobitem SET status = 'pending', claim = NULL, started_at = NULL
WHERE job_id = ? AND position BETWEEN ? AND ? AND claim = ?
"""
WRITE_LEASE = """
UPDATE jobs_lease SET succeeded = succeeded + ?, failed = failed + ?, sequence = ?,
    busy_seconds = busy_seconds + ?, group_succeeded = 0, group_failed = 0, current_item = ?,
    current_since = ?,
    first_position = ?, last_position = ?, rate = ?, item_seconds = ?, streak = ?,
    streak_message = ?
WHERE id = ? AND token = ?
"""


BUSY_SECONDS = 600.0
"""So long a writer waits for the others before it counts the database as away.

A migration or VACUUM of a large database takes minutes, in which nobody else gets our items.
"""


class SqliteLedger(Ledger):
    """Items are started through a gate (`jobs.gates`), all else is written to the database."""

    def __init__(self, lease: Lease, connection: Any, *, operation: str, remembers: bool) -> None:
        super().__init__(lease, connection, operation=operation, remembers=remembers)
        self.gate = Gate(self.token)
        self.since: float | None = None
        """Since when the item of the last turn runs, as its lease row says."""

    def attach(self) -> None:
        self.raw: sqlite3.Connection = self.connection.connection
        self.errors = DatabaseErrorWrapper(self.connection)
        self.job_key = UUID(str(self.job_id)).hex
        self.memory_path = f'$."{self.operation}"'

    def close(self) -> None:
        self.gate.close()

    def start(self, item: Claimed, succeeded: int, failed: int, now: float) -> bool:
        return self.gate.start(item.id, now, succeeded, failed)

    def turned(self, current: int | None, since: float | None) -> None:
        self.gate.turned(self.sequence, current, since or self.since or 0.0)

    def _when_free(self, statement: str, parameters: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        """Execute what needs the write lock as soon as it is free.

        For connections that do not wait by themselves, as those of `own_connection`. SQLite's
        own waiting sleeps 1, 2, 5 and more milliseconds; the other workers hold the lock for
        less than one of these, so one that was unlucky would stay behind.
        """
        since = 0.0
        while True:
            try:
                return self.raw.execute(statement, parameters)
            except sqlite3.OperationalError as error:
                if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY:
                    raise
                now = monotonic()
                since = since or now
                if now - since > BUSY_SECONDS:
                    raise
            # Somebody who writes for longer is waited for in longer steps.
            sleep(min(1e-3, max(1e-4, (now - since) / 10)))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self.errors:
            self._when_free("BEGIN IMMEDIATE")
            try:
                yield
                self._when_free("COMMIT")  # without WAL it waits for readers
            except BaseException:
                # On a full disk SQLite has rolled back itself.
                if self.raw.in_transaction:
                    self.raw.execute("ROLLBACK")
                raise

    def lock_lease(self) -> LeaseRow | None:
        found = self.raw.execute(LOCK, (self.lease_id, self.token)).fetchone()
        if found is None:
            return None
        row = LeaseRow(*found)
        if not row.fenced:
            self.gate.reopen()
        return row

    def ended_rows(self, ended: list[Ended]) -> list[tuple[Any, ...]]:
        return [
            (
                one.status.value,
                one.message,
                one.result,
                one.item.attempts + 1,
                _timestamp(one.started_at),
                _timestamp(one.finished_at),
                self.number,
                sequence,
                one.item.id,
                self.token,
            )
            for sequence, one in enumerate(ended, self.sequence + 1)
        ]

    def write_ended(self, ended: list[Ended], rows: Any) -> int:
        done = self.raw.executemany(FINISH, rows)
        files = [one for one in ended if one.item.file_id is not None]
        if files:
            self.raw.executemany(
                FINISH_FILE,
                [(one.status.value, one.message, self.job_key, one.item.file_id) for one in files],
            )
            self.raw.executemany(
                REMEMBER,
                [
                    (self.memory_path, one.remember, one.item.file_id)
                    for one in files
                    if one.remember is not None
                ],
            )
        return done.rowcount

    def claim(self, after: int, want: int) -> list[Claimed]:
        alone = want == 1
        status = ItemStatus.PROCESSING if alone else ItemStatus.PENDING
        started = _timestamp(datetime.now(UTC).timestamp()) if alone else None
        rows = self.raw.execute(
            CLAIM, (self.token, status.value, started, self.job_key, after, want)
        )
        return [Claimed(*row) for row in rows.fetchall()]

    def held_items(self, first: int, last: int) -> list[Claimed]:
        rows = self.raw.execute(HELD, (self.job_key, first, last, self.token))
        return [Claimed(*row) for row in rows.fetchall()]

    def load_memories(self, items: Iterable[Claimed]) -> None:
        ids = [item.file_id for item in items if item.file_id is not None]
        statement = MEMORIES.format(",".join("?" * len(ids)))
        memories = dict(self.raw.execute(statement, (self.memory_path, *ids)).fetchall())
        for item in items:
            memory = memories.get(item.file_id)
            item.previous = None if memory is None else json.loads(memory)

    def release_span(self, first: int, last: int) -> None:
        self.raw.execute(RELEASE, (self.job_key, first, last, self.token))

    def write_lease(
        self,
        ended: list[Ended],
        current: int | None,
        span: tuple[int, int] | None,
        gauges: Gauges,
        streak: Streak,
        *,
        keep_since: bool = False,
    ) -> None:
        first, last = span or (None, None)
        if current is None:
            self.since = None
        else:
            self.since = self.gate.since if keep_since else time()
        self.raw.execute(
            WRITE_LEASE,
            (
                count(ended, ItemStatus.SUCCEEDED),
                count(ended, ItemStatus.FAILED),
                self.sequence + len(ended),
                sum(one.finished_at - one.started_at for one in ended),
                current,
                self.since,
                first,
                last,
                gauges.rate,
                gauges.item_seconds,
                streak.length,
                streak.error,
                self.lease_id,
                self.token,
            ),
        )


def _timestamp(seconds: float) -> str:
    """The text that Django's SQLite backend stores for an aware datetime."""
    second, fraction = divmod(int(seconds * 1_000_000), 1_000_000)
    return f"{_second(second)}.{fraction:06}"


@lru_cache(maxsize=4)
def _second(second: int) -> str:
    return strftime("%Y-%m-%d %H:%M:%S", gmtime(second))
