"""Numbered pages. A page after the last is an empty one, not an error: the list may have shrunk."""

from typing import TypeVar

from django.db.models import Model, QuerySet

Row = TypeVar("Row", bound=Model)


def page_of(rows: QuerySet[Row], page: int, size: int) -> tuple[int, int, list[Row]]:
    """The number of rows, the number of pages (at least 1), and the rows of one page."""
    count = rows.count()
    pages = max(1, -(-count // size))
    if page > pages:
        return count, pages, []
    return count, pages, list(rows[(page - 1) * size : page * size])
