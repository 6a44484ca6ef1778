"""The one meaning of "contains" for paths, on every database."""

from typing import Any

from django.db.models import Lookup

from jobs.models import LibraryFile

_SPECIAL = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})


class Holds(Lookup):
    """`path__holds=text`: the path contains the text, ASCII letters in any case.

    All other characters, also letters such as É, are found only as they are written. This is
    SQLite's LIKE. PostgreSQL's ILIKE does the same on the column's collation "C", while
    Django's `icontains` would fold the text but not the path there.
    """

    lookup_name = "holds"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        operator = "ILIKE" if connection.vendor == "postgresql" else "LIKE"
        left, parameters = self.process_lhs(compiler, connection)
        pattern = f"%{str(self.rhs).translate(_SPECIAL)}%"
        return f"{left} {operator} %s ESCAPE '\\'", (*parameters, pattern)


LibraryFile._meta.get_field("path").register_lookup(Holds)
