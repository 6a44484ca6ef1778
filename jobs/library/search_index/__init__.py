"""The index that finds a text in a path: the trigrams of each path (three characters in a row).

Triggers keep it complete for any writer of files. It is a table of its own because the rows of
files change their status all the time. Such a change must not cost anything here, and on
PostgreSQL each change of a row writes to all its indexes.

It only narrows a search down: `queries` still compares each path. Without the index, as where
SQLite was built without full-text search, every path is compared.
"""

from django.db.backends.base.base import BaseDatabaseWrapper

from jobs.library.search_index.base import SearchIndex
from jobs.library.search_index.postgresql import PostgreSQLSearchIndex
from jobs.library.search_index.sqlite import SQLiteSearchIndex


def index_of(connection: BaseDatabaseWrapper) -> SearchIndex:
    """The search index of this database."""
    kinds = {"sqlite": SQLiteSearchIndex, "postgresql": PostgreSQLSearchIndex}
    return kinds[connection.vendor](connection)
