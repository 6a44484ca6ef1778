"""The index by which a text in a path is found: the paths by each three characters in a row.

On SQLite it is a table of its full-text search, on PostgreSQL a table of paths with an index
over their trigrams. Triggers keep it true, so that it does not matter who adds a file. It is
a table of its own because the rows of files change their status all the time: that must not
cost anything here, and on PostgreSQL every change of a row is one of all its indexes.

It only narrows a search down: `queries` still compares each path, and does without it where
SQLite was built without full-text search.
"""

from typing import Any

from django.db import OperationalError, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import RawSQL

from jobs.library import searchindex_sql as sql
from jobs.library.lookups import like_pattern

SHORTEST = 3
"""Characters. A shorter text has no trigram to look up."""

FEW = 1_000
"""So many ids are handed to the database with the query."""

SPARSE = {"sqlite": 60_000, "postgresql": 20_000}
"""Up to so many candidates, looking at each is quicker than a pass through the paths of a
million files."""

SAMPLE = 5_000


def install(connection: BaseDatabaseWrapper) -> bool:
    """Make the index and fill it; False where the database cannot have one.

    To be called in a transaction. Safe to repeat: then it is made anew.
    """
    uninstall(connection)
    with connection.cursor() as cursor:
        if connection.vendor != "postgresql":
            try:
                cursor.execute(sql.SQLITE_TABLE)
            except OperationalError:
                return False
        for statement in sql.INSTALL[connection.vendor]:
            cursor.execute(statement)
    return True


def uninstall(connection: BaseDatabaseWrapper) -> None:
    """Remove the index, if it is there."""
    with connection.cursor() as cursor:
        for statement in sql.UNINSTALL[connection.vendor]:
            cursor.execute(statement)


def is_installed(connection: BaseDatabaseWrapper) -> bool:
    """Whether searches may use the index."""
    with connection.cursor() as cursor:
        cursor.execute(sql.COUNT_TRIGGERS[connection.vendor])
        return bool(cursor.fetchone()[0] == len(sql.TRIGGERS[connection.vendor]))


def mend(connection: BaseDatabaseWrapper) -> None:
    """Make the index anew if it is not kept true any more.

    A later migration may make the table of files anew on SQLite, which drops its triggers
    without a word.
    """
    if not is_installed(connection):
        with transaction.atomic(using=connection.alias):
            install(connection)


def candidates(connection: BaseDatabaseWrapper, text: str) -> list[int] | RawSQL | None:
    """The ids of all files that may contain the text: at hand if they are few, or as a query.

    None if the index is of no use: the text is too short, or there are so many that a pass
    through all paths is quicker.
    """
    if len(text) < SHORTEST or not is_installed(connection):
        return None
    query, parameters = condition(connection, text)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            number = _estimate(cursor, text)
        else:
            cursor.execute(f"{query} LIMIT {FEW + 1}", parameters)
            ids = [pk for (pk,) in cursor.fetchall()]
            if len(ids) <= FEW:
                return ids
            cursor.execute(
                f"SELECT count(*) FROM ({query} LIMIT {SPARSE['sqlite']})",  # noqa: S608 (constants)
                parameters,
            )
            (number,) = cursor.fetchone()
    return RawSQL(query, parameters) if number < SPARSE[connection.vendor] else None  # noqa: S611


def _estimate(cursor: Any, text: str) -> float:
    """How many paths on PostgreSQL contain the text, from a sample.

    Its index would have to gather them all before the first is told, and its statistics
    take the trigrams of a frequent word for independent of each other.
    """
    cursor.execute(sql.POSTGRESQL_ROWS)
    (rows,) = cursor.fetchone()
    share = min(1.0, SAMPLE / max(rows, 1))
    cursor.execute(sql.POSTGRESQL_SAMPLE, [100 * share, like_pattern(text)])
    return float(cursor.fetchone()[0] / share)


def condition(connection: BaseDatabaseWrapper, text: str) -> tuple[str, list[Any]]:
    """SQL with parameters that yields the ids of all files that may contain the text.

    `text` has at least SHORTEST characters.
    """
    if connection.vendor == "postgresql":
        return sql.POSTGRESQL_MATCH, [_trigrams(text)]
    terms = (part.replace('"', '""') for part in _trigrams(text))
    return sql.SQLITE_MATCH, [" AND ".join(f'"{term}"' for term in terms)]


def _trigrams(text: str) -> list[str]:
    """As the database makes them: with ASCII letters in lower case, all others as they are.

    SQLite folds further letters, in the text that it is asked for as well.
    """
    text = "".join(char.lower() if char.isascii() else char for char in text)
    return sorted({text[at : at + 3] for at in range(len(text) - 2)})
