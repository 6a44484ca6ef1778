"""ORM queries whose SQL is compiled once and then run with other values.

Building a query costs Django ten times what SQLite needs to answer it. That matters only where
a hundred pages ask the same twice a second.
"""

from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

from jobs.backends.base import adapt
from jobs.backends.loading import current

Row = TypeVar("Row", bound=models.Model)


class _Statement(NamedTuple):
    sql: str
    values: tuple[Any, ...]
    names: list[str]
    converters: dict[int, tuple[list[Callable[..., Any]], Any]]
    """As Django makes them: by column, functions of (value, expression, connection)."""
    annotations: dict[str, int]
    """Column of each annotation, by name."""


class CompiledQuery(Generic[Row]):
    """All columns of the rows of one model, and their annotations.

    `make` builds the query at the first use, with any values in the places of those that are
    given to `fetch`: the first ones of the statement, or all that equal `placeholder`. Where a
    value stands depends on the version of Django as soon as a query has an annotation.
    """

    def __init__(
        self, make: Callable[[], "models.QuerySet[Row]"], *, placeholder: int | None = None
    ) -> None:
        self._make = make
        self._placeholder = placeholder
        self._statements: dict[str, _Statement] = {}

    def fetch(self, *values: Any) -> list[Row]:
        """The rows of the query, with these in their places; one value for a placeholder."""
        statement = self._statements.get(connection.vendor) or self._build()
        given = [adapt(value) for value in values]
        if self._placeholder is None:
            every = [*given, *statement.values[len(given) :]]
        else:
            every = [given[0] if one == self._placeholder else one for one in statement.values]
        found = fetch_rows(statement.sql, every)
        return [self._instance(statement, list(row)) for row in found]

    def _build(self) -> _Statement:
        queryset = self._make()
        # The proxy, which stands for each thread's own connection.
        compiler = queryset.query.get_compiler(connection=connection)
        sql, values = compiler.as_sql()
        converters = compiler.get_converters([column for column, *_ in compiler.select])
        names = [field.attname for field in queryset.model._meta.concrete_fields]
        self._model = queryset.model
        self._statements[connection.vendor] = _Statement(
            sql, tuple(values), names, converters, dict(compiler.annotation_col_map)
        )
        return self._statements[connection.vendor]

    def _instance(self, statement: _Statement, row: list[Any]) -> Row:
        for place, (converters, expression) in statement.converters.items():
            for convert in converters:
                row[place] = convert(row[place], expression, connection)
        instance = self._model.from_db(
            connection.alias, statement.names, row[: len(statement.names)]
        )
        for name, place in statement.annotations.items():
            setattr(instance, name, row[place])
        return instance


def as_stored_in(field: "models.Field[Any, Any]") -> Callable[[Any], Any]:
    """A function that makes of a value of a hand-written statement what the ORM reads from `field`.

    SQLite returns a UUID as text, for example. Null stays None.
    """
    column = field.get_col(field.model._meta.db_table)
    converters = [
        *connection.ops.get_db_converters(column),
        *column.get_db_converters(connection),
    ]

    def convert(value: Any) -> Any:
        for each in converters:
            value = each(value, column, connection)
        return value

    return convert


def fetch_rows(statement: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
    """The rows of a hand-written statement.

    Bypasses Django's cursors unless somebody captures queries: they add more than SQLite needs
    to answer, and in debug mode they keep every statement with its values.
    """
    # The thread's own connection: the proxy would look it up at each step.
    own = connections[DEFAULT_DB_ALIAS]
    if own.force_debug_cursor or own.execute_wrappers:
        with own.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall()
    own.close_if_health_check_failed()
    own.ensure_connection()
    own.validate_no_broken_transaction()
    with own.wrap_database_errors:
        return current().fetch_rows(own, statement, values)
