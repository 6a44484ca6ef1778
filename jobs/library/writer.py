"""Writes to the index of library files: adds, changes and holds, one transaction a batch.

Workers write to the same rows. On PostgreSQL they lock rows in the order of their ids, and so
does this module; new rows come in the order of their paths.
"""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction

from jobs.library.disk import FoundFile
from jobs.library.outcomes import follow, lock_files, reset
from jobs.library.removed import hold, restore_returned
from jobs.operations.file_kinds import kind_of

LONGEST_KEY = 2_600
"""Bytes. A PostgreSQL index holds no text longer than about 2,700."""

_ADD = """
INSERT INTO jobs_libraryfile (path, size, mtime_ns, modified, kind)
VALUES {} ON CONFLICT (path) DO NOTHING RETURNING id
"""
_ADDED_ROW = "(%s, %s, %s, %s, %s)"
_CHANGE = """
UPDATE jobs_libraryfile SET size = given.size, mtime_ns = given.mtime_ns,
    modified = given.modified, kind = given.kind
FROM (
    WITH given (id, path, size, mtime_ns, modified, kind) AS (VALUES {}) SELECT * FROM given
) AS given WHERE jobs_libraryfile.id = given.id
"""
_CHANGED_ROW = "(%s, %s, %s, %s, %s, %s)"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST, _LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)
"""The calendar, without the days that have no name in every time zone."""


@dataclass(slots=True)
class Batch:
    """One transaction: new files, changed ones by id with their new state, ids of missing ones.

    At most 5,000 files: SQLite takes 32,766 parameters.
    """

    add: list[FoundFile] = field(default_factory=list)
    change: list[tuple[int, FoundFile]] = field(default_factory=list)
    missing: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.add) + len(self.change) + len(self.missing)


def write(batch: Batch) -> None:
    """Write a batch in one transaction. Safe to repeat.

    A file that another process has added in the meantime stays as it is, and one that was
    removed is not changed. A changed file is unprocessed again, by every operation; what they
    remember of it stays, so that they can see what has changed. A new file gets what is known of
    a removed one with its path. Missing files stay in the index and are held (see `removed`).
    """
    with transaction.atomic():
        if batch.change:
            lock_files([pk for pk, _ in batch.change])
        added = sorted(batch.add, key=lambda file: file.key)
        ids = _run(_ADD, _ADDED_ROW, [_values(file) for file in added])
        _run(_CHANGE, _CHANGED_ROW, [[pk, *_values(file)] for pk, file in batch.change])
        changed = [pk for pk, _ in batch.change]
        reset(changed)
        if ids or changed:
            follow([*ids, *changed])  # a changed file may be of another kind now
        if added:
            restore_returned([file.key for file in added])
        if batch.missing:
            hold(batch.missing)


def is_storable(text: str) -> bool:
    """Return False for a NUL or half of a surrogate pair, which no database stores in a text."""
    try:
        return b"\0" not in text.encode()
    except UnicodeEncodeError:
        return False


def fits(key: str) -> bool:
    """Return True if the index can hold a key of this length."""
    return len(key) * 4 <= LONGEST_KEY or len(key.encode()) <= LONGEST_KEY


def moment(mtime_ns: int) -> datetime:
    """The time in UTC, for people. A time beyond the calendar becomes its first or last day."""
    try:
        return min(max(_FIRST, _EPOCH + timedelta(microseconds=mtime_ns // 1000)), _LAST)
    except OverflowError:
        return _LAST if mtime_ns > 0 else _FIRST


def _values(file: FoundFile) -> list[Any]:
    modified = connection.ops.adapt_datetimefield_value(moment(file.mtime_ns))
    return [file.key, file.size, str(file.mtime_ns), modified, kind_of(file.key)]


def _run(statement: str, placeholders: str, rows: list[list[Any]]) -> list[int]:
    """Execute a statement with these rows; the ids that it returns, if any."""
    if not rows:
        return []
    places = ", ".join([placeholders] * len(rows))
    with connection.cursor() as cursor:
        cursor.execute(statement.format(places), [value for row in rows for value in row])
        return [pk for (pk,) in cursor.fetchall()] if cursor.description else []
