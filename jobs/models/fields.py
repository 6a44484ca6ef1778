"""Columns that hold what Django's own fields do not."""

from typing import Any

from django.db import models


class NanosecondsField(models.CharField):
    """A time in whole nanoseconds since 1970, of any size and sign: an `int` in Python.

    Stored as text. File systems give times that no 64-bit integer holds in nanoseconds (after
    the year 2262), and SQLite turns larger numbers into floats, which are not exact.
    """

    # For the type checker: what is assigned and what is read.
    _pyi_private_set_type: int
    _pyi_private_get_type: int  # type: ignore[assignment]

    description = "Whole nanoseconds since 1970"

    def __init__(self, *args: Any, **options: Any) -> None:
        options["max_length"] = 40
        super().__init__(*args, **options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        options.pop("max_length", None)
        return name, path, args, options

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> int | None:
        return None if value is None else int(value)

    def to_python(self, value: Any) -> int | None:
        return None if value is None else int(value)

    def get_prep_value(self, value: Any) -> str | None:
        return None if value is None else str(int(value))
