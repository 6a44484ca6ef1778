"""What keeps a database from changes is named: a full disk, a lock, a read-only database."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

import pytest
from django.db import DatabaseError, OperationalError, connection, connections

from jobs.backends import Backend, current, trouble
from tests.backends.contract import covers
from tests.support.locks import locked_database

T = TypeVar("T")

READ_ONLY = {
    "sqlite": "PRAGMA query_only = ON",
    "postgresql": "SET default_transaction_read_only = on",
}
SHORT = 0.05


def in_another_thread(call: Callable[[], T]) -> T:
    """The result of the call, made on a connection of its own."""

    def run() -> T:
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def execute(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def error_of(*statements: str) -> DatabaseError:
    """The error that these statements raise on a new connection."""

    def run() -> DatabaseError:
        with pytest.raises(DatabaseError) as caught:
            execute(*statements)
        return caught.value

    return in_another_thread(run)


@covers(Backend.write_trouble)
def test_a_database_that_takes_changes_has_no_write_trouble(module_database: str) -> None:
    assert current().write_trouble(SHORT) == ""


@covers(Backend.write_trouble)
def test_a_lock_that_outlasts_the_wait_is_named(module_database: str) -> None:
    with locked_database():
        assert in_another_thread(lambda: current().write_trouble(SHORT)) == trouble.LOCKED
    assert in_another_thread(lambda: current().write_trouble(SHORT)) == ""


@covers(Backend.write_trouble)
def test_a_read_only_database_is_named(module_database: str) -> None:
    def tried() -> str:
        execute(READ_ONLY[connection.vendor])
        return current().write_trouble(SHORT)

    assert in_another_thread(tried) == trouble.READ_ONLY


@covers(Backend.write_trouble)
def test_a_disk_without_room_is_named(module_database: str, monkeypatch: pytest.MonkeyPatch):
    if connection.vendor == "sqlite":
        monkeypatch.setattr(trouble, "SPARE_BYTES", 2**62)  # no disk has that much to spare
        assert current().write_trouble(SHORT) == trouble.DISK_FULL
        return
    with new_tables_refused_for_want_of_room():
        assert current().write_trouble(SHORT) == trouble.DISK_FULL


@contextmanager
def new_tables_refused_for_want_of_room() -> Iterator[None]:
    """The server's own error of a full disk, without filling one."""
    execute(
        "CREATE FUNCTION no_room() RETURNS event_trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$",
        "CREATE EVENT TRIGGER no_room ON ddl_command_start WHEN TAG IN ('CREATE TABLE AS') "
        "EXECUTE FUNCTION no_room()",
    )
    try:
        yield
    finally:
        execute("DROP EVENT TRIGGER no_room", "DROP FUNCTION no_room()")


FULL = {
    "sqlite": ("PRAGMA max_page_count = 1", "CREATE TABLE large AS SELECT zeroblob(9999999)"),
    "postgresql": ("DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '53100'; END $$",),
}


@covers(Backend.diagnose, Backend.describe)
def test_the_error_of_a_full_disk_is_diagnosed_and_described(module_database: str) -> None:
    error = error_of(*FULL[connection.vendor])
    if connection.vendor == "sqlite":
        execute("PRAGMA max_page_count = 4294967294")
    assert isinstance(error, OperationalError)
    assert current().diagnose(error) == trouble.DISK_FULL
    assert current().describe(error) == trouble.DISK_FULL


@covers(Backend.diagnose)
def test_the_error_of_a_lock_is_diagnosed(module_database: str) -> None:
    limit = {"sqlite": "PRAGMA busy_timeout = 10", "postgresql": "SET lock_timeout = 10"}
    with locked_database():
        error = error_of(limit[connection.vendor], "UPDATE jobs_lease SET slot = slot")
    assert current().diagnose(error) == trouble.LOCKED


@covers(Backend.diagnose)
def test_an_error_with_another_cause_has_no_diagnosis(module_database: str) -> None:
    assert current().diagnose(error_of("SELECT nothing FROM nowhere")) == ""
    assert current().diagnose(OperationalError("the connection is lost")) == ""


@covers(Backend.add_web_options)
def test_a_connection_of_the_web_server_waits_for_a_lock_for_a_limited_time(
    module_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    options: dict[str, Any] = dict(connection.settings_dict["OPTIONS"])
    before = dict(options)
    current().add_web_options(options)
    if connection.vendor == "sqlite":
        assert options == before, "its time limit holds for every connection"
        return

    def waits() -> str:
        monkeypatch.setitem(connection.settings_dict, "OPTIONS", options)
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            return str(cursor.fetchone()[0])

    assert in_another_thread(waits) == "10s"


@covers(Backend.bounded_lock_waits)
def test_a_statement_within_bounded_lock_waits_fails_soon_and_later_ones_wait(
    module_database: str,
) -> None:
    def bounded_then_not() -> tuple[str, str]:
        with pytest.raises(OperationalError) as caught, current().bounded_lock_waits(SHORT):
            execute("UPDATE jobs_lease SET slot = slot")
        with connection.cursor() as cursor:
            cursor.execute("SHOW lock_timeout")
            return current().diagnose(caught.value), str(cursor.fetchone()[0])

    if connection.vendor == "sqlite":
        with current().bounded_lock_waits(SHORT):
            assert current().write_trouble(SHORT) == "", "its readers wait for no lock"
        return
    with locked_database():
        assert in_another_thread(bounded_then_not) == (trouble.LOCKED, "0")
