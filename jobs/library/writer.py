"""Writes to the index of library files: adds, changes and removes, a batch a transaction.

Processes that work on items write to the same rows. On PostgreSQL they lock them in the
order of their ids, and so does this; new rows come in the order of their paths.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction

from jobs.library.disk import Found
from jobs.library.kinds import kind_of
from jobs.models import LibraryFile

LONGEST_KEY = 2_600
"""Bytes. A PostgreSQL index holds no text longer than about 2,700."""

_SOURCE = {
    "sqlite": "(SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS path,"
    " json_extract(value, '$[2]') AS size, json_extract(value, '$[3]') AS mtime_ns,"
    " json_extract(value, '$[4]') AS modified, json_extract(value, '$[5]') AS kind"
    " FROM json_each(%s)) AS given",
    "postgresql": "(SELECT (value ->> 0)::bigint AS id, value ->> 1 AS path,"
    " (value ->> 2)::bigint AS size, (value ->> 3)::bigint AS mtime_ns,"
    " (value ->> 4)::timestamptz AS modified, value ->> 5 AS kind"
    " FROM json_array_elements(%s::json)) AS given",
}
_ADD = """
INSERT INTO jobs_libraryfile (path, size, mtime_ns, modified, kind, status, message, memory)
SELECT path, size, mtime_ns, modified, kind, 'unprocessed', '', '{{}}' FROM {source}
WHERE true ORDER BY path ON CONFLICT (path) DO NOTHING
"""
_CHANGE = """
UPDATE jobs_libraryfile SET size = given.size, mtime_ns = given.mtime_ns,
    modified = given.modified, kind = given.kind, status = 'unprocessed', message = '',
    last_job_id = NULL
FROM {source} WHERE jobs_libraryfile.id = given.id
"""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(slots=True)
class Batch:
    """What one transaction is to write: new files, known ones by id with what they are now."""

    add: list[Found] = field(default_factory=list)
    change: list[tuple[int, Found]] = field(default_factory=list)
    remove: list[int] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.add) + len(self.change) + len(self.remove)


class Written(NamedTuple):
    """Rows that a batch has added, changed and removed."""

    added: int
    changed: int
    removed: int


def write(batch: Batch) -> Written:
    """Write a batch in one transaction. Safe to repeat.

    A file that somebody else has added meanwhile is left as he added it, and one that was
    removed meanwhile is not changed. What has changed is unprocessed again; what operations
    remember of it stays, so that they can tell what has changed.
    """
    with transaction.atomic():
        touched = [pk for pk, _ in batch.change] + batch.remove
        if touched and connection.vendor == "postgresql":
            rows = LibraryFile.objects.filter(pk__in=touched).order_by("pk")
            list(rows.select_for_update(no_key=True).values_list("pk"))
        added = _run(_ADD, ((None, found) for found in batch.add)) if batch.add else 0
        changed = _run(_CHANGE, batch.change) if batch.change else 0
        removed = 0
        if batch.remove:
            removed, _ = LibraryFile.objects.filter(pk__in=batch.remove).delete()
    return Written(added, changed, removed)


def fits(key: str) -> bool:
    """Whether the index can hold a key of this length."""
    return len(key) * 4 <= LONGEST_KEY or len(key.encode()) <= LONGEST_KEY


def moment(mtime_ns: int) -> datetime:
    """The time in UTC. Times that no calendar has, as broken file systems show, become its end."""
    try:
        return _EPOCH + timedelta(microseconds=mtime_ns // 1000)
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC) if mtime_ns > 0 else _EPOCH


def _run(statement: str, rows: Iterable[tuple[int | None, Found]]) -> int:
    adapt = connection.ops.adapt_datetimefield_value
    given: list[tuple[Any, ...]] = [
        (pk, key, size, mtime_ns, str(adapt(moment(mtime_ns))), kind_of(key))
        for pk, (key, size, mtime_ns) in rows
    ]
    with connection.cursor() as cursor:
        source = _SOURCE[connection.vendor]
        cursor.execute(statement.format(source=source), [json.dumps(given)])
        return cursor.rowcount
