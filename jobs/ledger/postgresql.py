"""The ledger on PostgreSQL. Row locks on the worker's own lease row make starts atomic.

A cancel's UPDATE of the lease rows and a worker's start lock the same row: whichever
comes second waits for the other's commit and then sees it. Workers never lock each
other's rows, nor the job's; items are claimed with SKIP LOCKED.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any
from weakref import WeakSet

import orjson
import psycopg
from django.db.utils import DatabaseErrorWrapper
from psycopg.errors import error_from_result
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult

from jobs.ledger.base import Claimed, Ended, Gauges, LeaseRow, Ledger, count
from jobs.states import ItemStatus
from jobs.streak import Streak

START = b"""
UPDATE jobs_lease SET current_item = $1, current_since = $2, group_succeeded = $3,
    group_failed = $4
WHERE id = $5 AND token = $6 AND NOT fenced
    AND set_config('synchronous_commit', 'off', true) <> ''
"""
# The commit of a start need not wait for the disk: if the server's own crash takes it back,
# the books say for a moment that an earlier item of the group is running. That of a turn
# must: if a claim were forgotten, another worker could run an item that we are running.
LOCK = """
SELECT fenced, sequence, first_position, last_position, current_since FROM jobs_lease
WHERE id = %s AND token = %s FOR NO KEY UPDATE
"""
FINISH = """
UPDATE jobs_jobitem AS item SET status = ended.status, message = ended.message,
    result = ended.result::jsonb, attempts = ended.attempts,
    started_at = to_timestamp(ended.started_at), finished_at = to_timestamp(ended.finished_at),
    claim = NULL, lane = %s, sequence = ended.sequence
FROM json_to_recordset(%s::json) AS ended(id bigint, sequence integer, status text, message text,
    result text, attempts smallint, started_at float8, finished_at float8)
WHERE item.id = ended.id AND item.claim = %s
"""
LOCK_FILES = "SELECT 1 FROM jobs_libraryfile WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE"
FINISH_FILES = """
UPDATE jobs_libraryfile AS file SET status = ended.status, message = ended.message,
    last_job_id = %s, memory = CASE WHEN ended.remember IS NULL THEN file.memory
        ELSE file.memory || jsonb_build_object(%s::text, ended.remember::jsonb) END
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[])
    AS ended(id, status, message, remember)
WHERE file.id = ended.id
"""
# Compared and ordered by (status, position), so that only the index of both can serve it: by
# position alone the planner might walk over all items that have ended.
CLAIM = """
UPDATE jobs_jobitem SET claim = %s, status = %s, started_at = %s WHERE id IN (
    SELECT id FROM jobs_jobitem
    WHERE job_id = %s AND (status, position) > ('pending', %s)
        AND (status, position) < ('pending', 2147483647) AND claim IS NULL
    ORDER BY status, position LIMIT %s FOR UPDATE SKIP LOCKED
) RETURNING id, position, key, attempts, file_id
"""
HELD = """
SELECT id, position, key, attempts, file_id FROM jobs_jobitem
WHERE job_id = %s AND position BETWEEN %s AND %s AND claim = %s ORDER BY position
"""
MEMORIES = "SELECT id, memory -> %s FROM jobs_libraryfile WHERE id = ANY(%s)"
RELEASE = """
UPDATE jobs_jobitem SET status = 'pending', claim = NULL, started_at = NULL
WHERE job_id = %s AND position BETWEEN %s AND %s AND claim = %s
"""
WRITE_LEASE = """
UPDATE jobs_lease SET succeeded = succeeded + %s, failed = failed + %s, sequence = %s,
    busy_seconds = busy_seconds + %s, group_succeeded = 0, group_failed = 0, current_item = %s,
    current_since = CASE WHEN %s THEN current_since ELSE %s END,
    first_position = %s, last_position = %s, rate = %s, item_seconds = %s, streak = %s,
    streak_message = %s
WHERE id = %s AND token = %s
"""

_prepared: WeakSet[psycopg.Connection[Any]] = WeakSet()
"""Connections that know START."""


class PostgresLedger(Ledger):
    def attach(self) -> None:
        self.raw: psycopg.Connection[Any] = self.connection.connection
        self.errors = DatabaseErrorWrapper(self.connection)
        # Server-side binding and prepared statements, which Django's own cursor leaves off.
        self.cursor = psycopg.Cursor(self.raw)
        if self.raw not in _prepared:
            with self.errors:
                self._check(self.raw.pgconn.prepare(b"jobs_start", START))
            _prepared.add(self.raw)

    def close(self) -> None:
        pass

    def turned(self, current: int | None, since: float | None) -> None:
        pass  # the row is all there is

    def _execute(self, statement: str, parameters: tuple[Any, ...] = ()) -> psycopg.Cursor[Any]:
        return self.cursor.execute(statement, parameters, prepare=True)

    def start(self, item: Claimed, succeeded: int, failed: int, now: float) -> bool:
        values = (item.id, now, succeeded, failed, self.lease_id, self.token)
        # By libpq itself: psycopg's part would take as long as the statement.
        with self.errors:
            done = self.raw.pgconn.exec_prepared(b"jobs_start", [b"%a" % value for value in values])
            self._check(done)
        return done.command_tuples == 1

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self.errors:
            self._check(self.raw.pgconn.exec_(b"BEGIN"))
            try:
                yield
            except psycopg.errors.IdleInTransactionSessionTimeout as error:
                # We were held up for so long. The connection is lost, as by a restart.
                raise psycopg.OperationalError(str(error)) from error
            except BaseException:
                # Its own error, on a lost connection, would hide the first one.
                with suppress(psycopg.Error):
                    self.raw.pgconn.exec_(b"ROLLBACK")
                raise
            self._check(self.raw.pgconn.exec_(b"COMMIT"))

    def _check(self, result: PGresult) -> None:
        """Raise the error that a result of libpq tells of, if any."""
        if result.status in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
            return
        error = error_from_result(result)
        if self.raw.pgconn.status == ConnStatus.BAD or not error.sqlstate:
            # libpq tells of a lost connection itself, without the server's code.
            raise psycopg.OperationalError(str(error))
        raise error

    def lock_lease(self) -> LeaseRow | None:
        row = self._execute(LOCK, (self.lease_id, self.token)).fetchone()
        return None if row is None else LeaseRow(*row)

    def ended_rows(self, ended: list[Ended]) -> str:
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
                for sequence, one in enumerate(ended, self.sequence + 1)
            ]
        ).decode()

    def write_ended(self, ended: list[Ended], rows: Any) -> int:
        done = self._execute(FINISH, (self.number, rows, self.token)).rowcount
        files = [one for one in ended if one.item.file_id is not None]
        if files:
            ids = [one.item.file_id for one in files]
            # In one order, or two jobs over the same files could deadlock.
            self._execute(LOCK_FILES, (ids,))
            self._execute(
                FINISH_FILES,
                (
                    self.job_id,
                    self.operation,
                    ids,
                    [one.status.value for one in files],
                    [one.message for one in files],
                    [one.remember for one in files],
                ),
            )
        return done

    def claim(self, after: int, want: int) -> list[Claimed]:
        alone = want == 1
        status = ItemStatus.PROCESSING if alone else ItemStatus.PENDING
        started = datetime.now(UTC) if alone else None
        rows = self._execute(CLAIM, (self.token, status.value, started, self.job_id, after, want))
        return [Claimed(*row) for row in rows.fetchall()]

    def held_items(self, first: int, last: int) -> list[Claimed]:
        rows = self._execute(HELD, (self.job_id, first, last, self.token))
        return [Claimed(*row) for row in rows.fetchall()]

    def load_memories(self, items: Iterable[Claimed]) -> None:
        ids = [item.file_id for item in items if item.file_id is not None]
        memories = dict(self._execute(MEMORIES, (self.operation, ids)).fetchall())
        for item in items:
            # Django leaves the decoding of its connections' JSON to the caller.
            memory = memories.get(item.file_id)
            item.previous = None if memory is None else json.loads(memory)

    def release_span(self, first: int, last: int) -> None:
        self._execute(RELEASE, (self.job_id, first, last, self.token))

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
        self._execute(
            WRITE_LEASE,
            (
                count(ended, ItemStatus.SUCCEEDED),
                count(ended, ItemStatus.FAILED),
                self.sequence + len(ended),
                sum(one.finished_at - one.started_at for one in ended),
                current,
                keep_since,
                None if current is None else datetime.now(UTC).timestamp(),
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
