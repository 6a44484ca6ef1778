"""The lease store on PostgreSQL. Row locks on the worker's own lease row make starts atomic.

A cancel's UPDATE of the lease rows and a worker's start lock the same row: whichever
comes second waits for the other's commit and then sees it. Workers never lock each
other's rows, nor the job's; items are claimed with SKIP LOCKED.
"""

import json
import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import orjson
import psycopg
from django.db import OperationalError
from django.db.utils import DatabaseErrorWrapper
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult

from jobs.backends.lease_store import (
    WRITE_LEASE,
    ClaimedItem,
    FinishedItem,
    LeaseStore,
    LockedLease,
)
from jobs.processes import clock
from jobs.states import ItemStatus

logger = logging.getLogger(__name__)

START = b"""
UPDATE jobs_lease SET current_item = $1, current_since = $2, batch_succeeded = $3,
    batch_failed = $4
WHERE id = $5 AND token = $6 AND NOT fenced
    AND set_config('synchronous_commit', 'off', true) <> ''
"""
# The commit of a start need not wait for the disk: if a crash of the server loses it, the lease
# shows an earlier item of the batch as running for a moment. The other commits must wait: if a
# claim were lost, another worker could run an item that we are running.
LOCK = """
SELECT fenced, sequence, first_position, last_position, current_since, gated
FROM jobs_lease
WHERE id = %s AND token = %s FOR NO KEY UPDATE
"""
FINISH = """
UPDATE jobs_jobitem AS item SET status = finished.status, message = finished.message,
    result = finished.result::jsonb, attempts = finished.attempts,
    started_at = to_timestamp(finished.started_at),
    finished_at = to_timestamp(finished.finished_at),
    lease_token = NULL, slot = %s, sequence = finished.sequence
FROM json_to_recordset(%s::json) AS finished(id bigint, sequence integer, status text,
    message text, result text, attempts smallint, started_at float8, finished_at float8)
WHERE item.id = finished.id AND item.lease_token = %s
"""
LOCK_FILES = "SELECT 1 FROM jobs_libraryfile WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
FINISH_FILES = """
INSERT INTO jobs_outcome
    (file_id, operation, path, job_id, status, message, memory, finished_at)
SELECT file.id, %s, file.path, %s, finished.status, finished.message, finished.remember::jsonb,
    to_timestamp(finished.finished_at)
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::float8[])
    AS finished(id, status, message, remember, finished_at)
    JOIN jobs_libraryfile AS file ON file.id = finished.id
ON CONFLICT (file_id, operation) DO UPDATE SET status = excluded.status,
    message = excluded.message, job_id = excluded.job_id, finished_at = excluded.finished_at,
    memory = coalesce(excluded.memory, jobs_outcome.memory)
"""
# Compared and ordered by (status, position), so that only the index of both can serve it: by
# position alone the planner might walk over all items that have finished.
CLAIM = """
UPDATE jobs_jobitem SET lease_token = %s, status = %s, started_at = %s WHERE id IN (
    SELECT id FROM jobs_jobitem
    WHERE job_id = %s AND (status, position) > ('pending', %s)
        AND (status, position) < ('pending', 2147483647) AND lease_token IS NULL
    ORDER BY status, position LIMIT %s FOR UPDATE SKIP LOCKED
) RETURNING id, position, key, attempts, file_id
"""
CLAIMED = """
SELECT id, position, key, attempts, file_id FROM jobs_jobitem
WHERE job_id = %s AND position BETWEEN %s AND %s AND lease_token = %s ORDER BY position
"""
REMEMBERED = "SELECT file_id, memory FROM jobs_outcome WHERE operation = %s AND file_id = ANY(%s)"
RELEASE = """
UPDATE jobs_jobitem SET status = 'pending', lease_token = NULL, started_at = NULL
WHERE job_id = %s AND position BETWEEN %s AND %s AND lease_token = %s
"""


class PostgreSQLLeaseStore(LeaseStore):
    # In smaller batches an item takes many times as long as a start by the server. Then a fence
    # need not wait for the worker.
    least_gated = 5

    def attach(self) -> None:
        self.raw: psycopg.Connection[Any] = self.connection.connection
        self.errors = DatabaseErrorWrapper(self.connection)
        # Server-side binding, which Django's own cursor leaves off.
        self.cursor = psycopg.Cursor(self.raw)

    def _execute(self, statement: str, parameters: tuple[Any, ...] = ()) -> psycopg.Cursor[Any]:
        return self.cursor.execute(statement, parameters, prepare=True)

    def open_gate(self) -> bool:
        # Without a permit a fence would not wait for us.
        if self.permit is None or self.permit() <= clock.steady():
            return False
        # Its worker hears notifications, so no pool lies between: statements may stay prepared.
        self.raw.prepare_threshold = 0
        try:
            return super().open_gate()
        except OperationalError as error:
            logger.warning("%s; each start asks the database", error)
            return False

    def _ask(self, item: ClaimedItem, succeeded: int, failed: int, now: float) -> bool:
        values = (item.id, now, succeeded, failed, self.lease_id, self.token)
        # By libpq itself: psycopg's part would take as long as the statement.
        with self.errors:
            # Not prepared: behind a pool the next transaction may have another server process.
            done = self.raw.pgconn.exec_params(START, [b"%a" % value for value in values])
            self._check(done)
        return done.command_tuples == 1

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self.errors:
            self._check(self.raw.pgconn.exec_(b"BEGIN"))
            try:
                yield
            except psycopg.errors.IdleInTransactionSessionTimeout as error:
                # This process stood still. The connection is lost, as after the server's restart.
                raise psycopg.OperationalError(str(error)) from error
            except BaseException:
                # Its own error, on a lost connection, would hide the first one.
                with suppress(psycopg.Error):
                    self.raw.pgconn.exec_(b"ROLLBACK")
                raise
            self._check(self.raw.pgconn.exec_(b"COMMIT"))

    def _check(self, result: PGresult) -> None:
        """Raise the error of a libpq result, if any."""
        if result.status in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
            return
        error = error_from_result(result)
        if self.raw.pgconn.status == ConnStatus.BAD or not error.sqlstate:
            # libpq reports a lost connection itself, without the server's code.
            raise psycopg.OperationalError(str(error))
        raise error

    def lock_lease(self) -> LockedLease | None:
        row = self._execute(LOCK, (self.lease_id, self.token)).fetchone()
        return None if row is None else LockedLease(*row)

    def finished_rows(self, finished: list[FinishedItem]) -> str:
        # One parameter: binding eight lists takes longer.
        return orjson.dumps(
            [
                {
                    "id": one.item.id,
                    "sequence": sequence,
                    "status": one.status.value,
                    "message": one.message,
                    "result": one.result,
                    "attempts": one.item.attempts + 1,
                    "started_at": one.started_at,
                    "finished_at": one.finished_at,
                }
                for sequence, one in enumerate(finished, self.sequence + 1)
            ]
        ).decode()

    def write_finished(self, finished: list[FinishedItem], rows: Any) -> int:
        done = self._execute(FINISH, (self.slot, rows, self.token)).rowcount
        files = [one for one in finished if one.item.file_id is not None]
        if files:
            ids = [one.item.file_id for one in files]
            # In one order: two jobs over the same files could deadlock otherwise.
            self._execute(LOCK_FILES, (ids,))
            self._execute(
                FINISH_FILES,
                (
                    self.operation,
                    self.job_id,
                    ids,
                    [one.status.value for one in files],
                    [one.message for one in files],
                    [one.remember for one in files],
                    [one.finished_at for one in files],
                ),
            )
        return done

    def claim(self, after: int, size: int) -> list[ClaimedItem]:
        alone = size == 1
        status = ItemStatus.PROCESSING if alone else ItemStatus.PENDING
        started = datetime.now(UTC) if alone else None
        values = (self.token, status.value, started, self.job_id, after, size)
        # Not prepared: a plan for any number of items might sort all that are pending.
        rows = self.cursor.execute(CLAIM, values, prepare=False)
        return [ClaimedItem(*row) for row in rows.fetchall()]

    def claimed_items(self, first: int, last: int) -> list[ClaimedItem]:
        rows = self._execute(CLAIMED, (self.job_id, first, last, self.token))
        return [ClaimedItem(*row) for row in rows.fetchall()]

    def load_remembered(self, items: Iterable[ClaimedItem]) -> None:
        ids = [item.file_id for item in items if item.file_id is not None]
        remembered = dict(self._execute(REMEMBERED, (self.operation, ids)).fetchall())
        for item in items:
            # Django leaves the decoding of its connections' JSON to the caller.
            memory = remembered.get(item.file_id)
            item.previous = None if memory is None else json.loads(memory)

    def release_range(self, first: int, last: int) -> None:
        self._execute(RELEASE, (self.job_id, first, last, self.token))

    def save_lease(self, values: tuple[Any, ...]) -> None:
        self._execute(WRITE_LEASE, values)
