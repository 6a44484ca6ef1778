"""Queries of the ORM whose SQL is made once and then run with other values.

Building a query costs Django ten times what SQLite needs to answer it. That is nothing,
except where a hundred pages ask the same twice a second.
"""

import re
import uuid
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

Row = TypeVar("Row", bound=models.Model)


class _Statement(NamedTuple):
    sql: str
    values: tuple[Any, ...]
    names: list[str]
    converters: dict[int, tuple[list[Callable[..., Any]], Any]]
    """As Django makes them: by column, functions of (value, expression, connection)."""


class Prepared(Generic[Row]):
    """All columns of the rows of one model. `make` builds the query the first time it is
    wanted, with any values in the places of those that will be given to `fetch`."""

    def __init__(self, make: Callable[[], "models.QuerySet[Row]"]) -> None:
        self._make = make
        self._statements: dict[str, _Statement] = {}

    def fetch(self, *values: Any) -> list[Row]:
        """What the query finds with these in the places of its first values."""
        statement = self._statements.get(connection.vendor) or self._build()
        found = read(statement.sql, [*map(adapted, values), *statement.values[len(values) :]])
        return [self._instance(statement, list(row)) for row in found]

    def _build(self) -> _Statement:
        queryset = self._make()
        # The proxy, which stands for each thread's own connection.
        compiler = queryset.query.get_compiler(connection=connection)
        sql, values = compiler.as_sql()
        converters = compiler.get_converters([column for column, *_ in compiler.select])
        names = [field.attname for field in queryset.model._meta.concrete_fields]
        self._model = queryset.model
        self._statements[connection.vendor] = _Statement(sql, tuple(values), names, converters)
        return self._statements[connection.vendor]

    def _instance(self, statement: _Statement, row: list[Any]) -> Row:
        for place, (converters, expression) in statement.converters.items():
            for convert in converters:
                row[place] = convert(row[place], expression, connection)
        return self._model.from_db(connection.alias, statement.names, row)


def read(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a statement written by hand.

    Past Django's cursors, unless somebody captures queries: what these add is more than what
    SQLite needs to answer. In debug mode they keep every statement with its values.
    """
    # The thread's own: the proxy would look for it again at each step.
    own = connections[DEFAULT_DB_ALIAS]
    if own.force_debug_cursor or own.execute_wrappers:
        with own.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()
    own.close_if_health_check_failed()
    own.ensure_connection()
    own.validate_no_broken_transaction()
    with own.wrap_database_errors:
        rows: list[tuple[Any, ...]]
        if own.vendor == "sqlite":
            rows = own.connection.execute(_with_question_marks(statement), values).fetchall()
        else:
            from psycopg import Cursor  # loaded by then

            # This one leaves it to the server to put the values in; Django's does it in Python.
            rows = Cursor(own.connection).execute(statement, values).fetchall()
    return rows


@lru_cache(maxsize=200)
def _with_question_marks(statement: str) -> str:
    """As Django's backend writes it for SQLite."""
    return re.sub("(?<!%)%s", "?", statement).replace("%%", "%")


def adapted(value: Any) -> Any:
    """A value of a statement written by hand, as the driver takes it."""
    if isinstance(value, uuid.UUID) and not connection.features.has_native_uuid_field:
        return value.hex
    if isinstance(value, datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value
