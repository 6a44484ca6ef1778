"""The one meaning of "contains" for paths, on every database."""

from typing import Any

from django.db.models import Lookup

from jobs.models import LibraryFile

_SPECIAL = str.maketrans({"\\": r"\\", "%": r"\%", "_": r"\_"})


def like_pattern(text: str) -> str:
    r"""For LIKE and ILIKE with `\` as the escape: any path with this text in it."""
    return f"%{text.translate(_SPECIAL)}%"


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
        return f"{left} {operator} %s ESCAPE '\\'", (*parameters, like_pattern(str(self.rhs)))


LibraryFile._meta.get_field("path").register_lookup(Holds)
