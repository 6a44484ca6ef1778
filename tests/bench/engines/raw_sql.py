"""The statements of the raw limit, for SQLite and PostgreSQL."""

import sqlite3
from collections.abc import Iterable
from typing import Any

import psycopg

Done = list[tuple[float, int]]
ClaimedItem = list[tuple[int, str]]

TABLES = (
    "CREATE TABLE raw_job (id INTEGER PRIMARY KEY, active BOOLEAN NOT NULL)",
    (
        "CREATE TABLE raw_item (id {id} PRIMARY KEY, job INTEGER NOT NULL, key TEXT NOT NULL, "
        "status SMALLINT NOT NULL, finished_at DOUBLE PRECISION)"
    ),
    "CREATE INDEX raw_free ON raw_item (job, id) WHERE status = 0",
)
CLAIM = (
    "UPDATE raw_item SET status = 1 WHERE id IN (SELECT id FROM raw_item WHERE job = {0} "
    "AND status = 0 AND id > {0} AND (SELECT active FROM raw_job WHERE id = {0}) "
    "ORDER BY id LIMIT {0} {1}) RETURNING id, key"
)
FINISH = "UPDATE raw_item SET status = 2, finished_at = {0} WHERE id = {0}"


class Store:
    """One connection. `turn` finishes and claims in one transaction."""

    mark: str

    def __init__(self, raw: Any) -> None:
        self.raw = raw
        self.last = 0

    def create(self) -> None:
        kind = "BIGSERIAL" if self.mark == "%s" else "INTEGER"
        for statement in TABLES:
            self.raw.execute(statement.format(id=kind))
        self.jobs = 0

    def add(self, keys: Iterable[str]) -> int:
        """A new job with these items; its number."""
        self.jobs += 1
        rows = [(self.jobs, key) for key in keys]
        insert = f"INSERT INTO raw_item (job, key, status) VALUES ({self.mark}, {self.mark}, 0)"
        self.raw.execute("BEGIN")
        self.raw.execute(f"INSERT INTO raw_job VALUES ({self.jobs}, TRUE)")
        self.raw.cursor().executemany(insert, rows)
        self.raw.execute("COMMIT")
        return self.jobs

    def finish_times(self, job: int) -> list[float]:
        rows = self.raw.execute(
            f"SELECT finished_at FROM raw_item WHERE job = {job} AND status = 2"
        )
        return [row[0] for row in rows.fetchall()]

    def cancel(self, job: int) -> None:
        self.raw.execute(f"UPDATE raw_job SET active = FALSE WHERE id = {job}")

    def turn(self, job: int, done: Done, group: int) -> ClaimedItem:
        """Record what has ended and claim the next items, as (id, key)."""
        raise NotImplementedError


class SqliteStore(Store):
    mark = "?"
    claim_sql = CLAIM.format("?", "")
    finish_sql = FINISH.format("?")

    def turn(self, job: int, done: Done, group: int) -> ClaimedItem:
        self.raw.execute("BEGIN IMMEDIATE")
        self.raw.executemany(self.finish_sql, done)
        rows = self.raw.execute(self.claim_sql, (job, self.last, job, group)).fetchall()
        self.raw.execute("COMMIT")
        if rows:
            self.last = max(row[0] for row in rows)
        return rows


class PostgresStore(Store):
    mark = "%s"
    claim_sql = CLAIM.format("%s", "FOR UPDATE SKIP LOCKED")
    finish_sql = (
        "UPDATE raw_item SET status = 2, finished_at = done.at "
        "FROM unnest(%s::float8[], %s::bigint[]) AS done(at, id) WHERE raw_item.id = done.id"
    )

    def turn(self, job: int, done: Done, group: int) -> ClaimedItem:
        with self.raw.pipeline():
            self.raw.execute("BEGIN", prepare=True)
            if done:
                columns = ([at for at, _ in done], [item_id for _, item_id in done])
                self.raw.execute(self.finish_sql, columns, prepare=True)
            claimed = self.raw.execute(self.claim_sql, (job, self.last, job, group), prepare=True)
            self.raw.execute("COMMIT", prepare=True)
            rows = claimed.fetchall()
        if rows:
            self.last = max(row[0] for row in rows)
        return rows


def open_store(vendor: str, database: dict[str, Any], *, durable: bool) -> Store:
    """A new connection to Django's database, without Django."""
    if vendor == "sqlite":
        lite = sqlite3.connect(database["NAME"], timeout=30, isolation_level=None)
        lite.executescript(database["OPTIONS"]["init_command"])
        return SqliteStore(lite)
    raw = psycopg.connect(
        dbname=database["NAME"], user=database["USER"], host=database["HOST"], autocommit=True
    )
    raw.execute(f"SET synchronous_commit TO {'on' if durable else 'off'}")
    return PostgresStore(raw)
