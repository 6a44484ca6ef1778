"""A lock on the database of this process, as another program or a change of a table holds it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, connections

_STATEMENTS = {
    "sqlite": ("BEGIN IMMEDIATE",),
    "postgresql": ("BEGIN", "LOCK TABLE jobs_lease IN SHARE MODE"),  # as CREATE INDEX does
}


@contextmanager
def locked_database() -> Iterator[None]:
    """Nobody can write to the database meanwhile; reading works."""
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            for statement in _STATEMENTS[connection.vendor]:
                cursor.execute(statement)
        yield
    finally:
        # Django leaves connections to a database in memory open until they are collected.
        if other.connection is not None:
            with other.cursor() as cursor:
                cursor.execute("ROLLBACK")
        other.close()
