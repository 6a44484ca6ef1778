"""Whether SQLite takes changes: the disk may be full, another program may hold the lock."""

import os
import sqlite3

from django.db import DEFAULT_DB_ALIAS, OperationalError, connections

from jobs.backends import trouble as sentences

_CAUSES = {
    sqlite3.SQLITE_FULL: sentences.DISK_FULL,
    sqlite3.SQLITE_BUSY: sentences.LOCKED,
    sqlite3.SQLITE_LOCKED: sentences.LOCKED,
    sqlite3.SQLITE_READONLY: sentences.READ_ONLY,
    sqlite3.SQLITE_IOERR: sentences.DISK_FAILED,
    sqlite3.SQLITE_CANTOPEN: "",
}


def cause_of(error: BaseException) -> str:
    """The sentence for this error, or empty. A full disk also has errors of other names."""
    driver = error if isinstance(error, sqlite3.Error) else error.__cause__
    code = getattr(driver, "sqlite_errorcode", None)
    if code is None or (cause := _CAUSES.get(code & 0xFF)) is None:
        return ""
    if cause in (sentences.DISK_FAILED, "") and _disk_is_full():
        return sentences.DISK_FULL
    return cause


def trouble(seconds: float) -> str:
    """As `Backend.write_trouble`."""
    if _disk_is_full():
        return sentences.DISK_FULL
    try:
        _write(seconds)
    except OperationalError as error:
        if cause := cause_of(error):
            return cause
        raise
    return ""


def _write(seconds: float) -> None:
    """Write the number that the application may keep in the file's header, as it was.

    That takes the write lock and a page of the log, as the smallest change of a row does.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    with connection.cursor() as cursor:
        (before,) = cursor.execute("PRAGMA busy_timeout").fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {int(1000 * seconds)}")
        try:
            (version,) = cursor.execute("PRAGMA user_version").fetchone()
            cursor.execute(f"PRAGMA user_version = {int(version)}")
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {int(before)}")


def _disk_is_full() -> bool:
    name = str(connections[DEFAULT_DB_ALIAS].settings_dict["NAME"])
    in_memory = name == ":memory:" or name.startswith("file:")
    return not in_memory and sentences.is_full(os.path.dirname(os.path.abspath(name)))
