"""The lease store on SQLite. The single writer makes each statement atomic against all others."""

import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from time import gmtime, monotonic, sleep, strftime
from typing import Any
from uuid import UUID

from django.db.utils import DatabaseErrorWrapper

from jobs.backends.lease_store import (
    WRITE_LEASE,
    ClaimedItem,
    FinishedItem,
    LeaseStore,
    LockedLease,
)
from jobs.states import ItemStatus

LOCK = """
SELECT fenced, sequence, first_position, last_position, current_since, gated
FROM jobs_lease
WHERE id = ? AND token = ?
"""
FINISH = """
UPDATE jobs_jobitem SET status = ?, message = ?, result = ?, attempts = ?, started_at = ?,
    finished_at = ?, lease_token = NULL, slot = ?, sequence = ?
WHERE id = ? AND lease_token = ?
"""
FINISH_FILE = """
INSERT INTO jobs_outcome
    (operation, job_id, status, message, memory, finished_at, file_id, path)
SELECT ?, ?, ?, ?, ?, ?, id, path FROM jobs_libraryfile WHERE id = ?
ON CONFLICT (file_id, operation) DO UPDATE SET status = excluded.status,
    message = excluded.message, job_id = excluded.job_id, finished_at = excluded.finished_at,
    memory = coalesce(excluded.memory, memory)
"""
# By (status, position) as on PostgreSQL, where it matters which index is chosen.
CLAIM = """
UPDATE jobs_jobitem SET lease_token = ?, status = ?, started_at = ? WHERE id IN (
    SELECT id FROM jobs_jobitem
    WHERE job_id = ? AND (status, position) > ('pending', ?)
        AND (status, position) < ('pending', 2147483647) AND lease_token IS NULL
    ORDER BY status, position LIMIT ?
) RETURNING id, position, key, attempts, file_id
"""
CLAIMED = """
SELECT id, position, key, attempts, file_id FROM jobs_jobitem
WHERE job_id = ? AND position BETWEEN ? AND ? AND lease_token = ? ORDER BY position
"""
REMEMBERED = "SELECT file_id, memory FROM jobs_outcome WHERE operation = ? AND file_id IN ({})"
RELEASE = """
UPDATE jobs_jobitem SET status = 'pending', lease_token = NULL, started_at = NULL
WHERE job_id = ? AND position BETWEEN ? AND ? AND lease_token = ?
"""

_WRITE_LEASE = WRITE_LEASE.replace("%s", "?")

BUSY_SECONDS = 600.0
"""How long to wait for other writers before the database counts as unavailable.

A migration or VACUUM of a large database takes minutes; no other worker gets our items then.
"""


class SQLiteLeaseStore(LeaseStore):
    """Starts items through a gate; all else is written to the database."""

    def attach(self) -> None:
        self.raw: sqlite3.Connection = self.connection.connection
        self.errors = DatabaseErrorWrapper(self.connection)
        self.job_key = UUID(str(self.job_id)).hex

    def _when_free(self, statement: str, parameters: tuple[Any, ...] = ()) -> sqlite3.Cursor:
        """Execute a statement that needs the write lock as soon as it is free.

        For connections without a busy timeout, as those of `dedicated_connection`. SQLite's own
        waiting sleeps 1, 2, 5 and more milliseconds. Other workers hold the lock for less than
        one of these, so an unlucky worker would fall behind.
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
            # Poll less often while a long transaction writes.
            sleep(min(1e-3, max(1e-4, (now - since) / 10)))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self.errors:
            self._when_free("BEGIN IMMEDIATE")
            try:
                yield
                self._when_free("COMMIT")  # without WAL it waits for readers
            except BaseException:
                # On a full disk SQLite has already rolled back.
                if self.raw.in_transaction:
                    self.raw.execute("ROLLBACK")
                raise

    def lock_lease(self) -> LockedLease | None:
        found = self.raw.execute(LOCK, (self.lease_id, self.token)).fetchone()
        return None if found is None else LockedLease(*found)

    def finished_rows(self, finished: list[FinishedItem]) -> list[tuple[Any, ...]]:
        return [
            (
                one.status.value,
                one.message,
                one.result,
                one.item.attempts + 1,
                _timestamp(one.started_at),
                _timestamp(one.finished_at),
                self.slot,
                sequence,
                one.item.id,
                self.token,
            )
            for sequence, one in enumerate(finished, self.sequence + 1)
        ]

    def write_finished(self, finished: list[FinishedItem], rows: Any) -> int:
        done = self.raw.executemany(FINISH, rows)
        files = [one for one in finished if one.item.file_id is not None]
        if files:
            self.raw.executemany(
                FINISH_FILE,
                [
                    (
                        self.operation,
                        self.job_key,
                        one.status.value,
                        one.message,
                        one.remember,
                        _timestamp(one.finished_at),
                        one.item.file_id,
                    )
                    for one in files
                ],
            )
        return done.rowcount

    def claim(self, after: int, size: int) -> list[ClaimedItem]:
        alone = size == 1
        status = ItemStatus.PROCESSING if alone else ItemStatus.PENDING
        started = _timestamp(datetime.now(UTC).timestamp()) if alone else None
        rows = self.raw.execute(
            CLAIM, (self.token, status.value, started, self.job_key, after, size)
        )
        return [ClaimedItem(*row) for row in rows.fetchall()]

    def claimed_items(self, first: int, last: int) -> list[ClaimedItem]:
        rows = self.raw.execute(CLAIMED, (self.job_key, first, last, self.token))
        return [ClaimedItem(*row) for row in rows.fetchall()]

    def load_remembered(self, items: Iterable[ClaimedItem]) -> None:
        ids = [item.file_id for item in items if item.file_id is not None]
        statement = REMEMBERED.format(",".join("?" * len(ids)))
        remembered = dict(self.raw.execute(statement, (self.operation, *ids)).fetchall())
        for item in items:
            memory = remembered.get(item.file_id)
            item.previous = None if memory is None else json.loads(memory)

    def release_range(self, first: int, last: int) -> None:
        self.raw.execute(RELEASE, (self.job_key, first, last, self.token))

    def save_lease(self, values: tuple[Any, ...]) -> None:
        self.raw.execute(_WRITE_LEASE, values)


def _timestamp(seconds: float) -> str:
    """The text that Django's SQLite backend stores for an aware datetime."""
    microseconds = int(seconds * 1_000_000)
    return f"{_second(microseconds // 1_000_000)}.{microseconds % 1_000_000:06}"


@lru_cache(maxsize=4)
def _second(second: int) -> str:
    return strftime("%Y-%m-%d %H:%M:%S", gmtime(second))
