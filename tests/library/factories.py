"""Rows of the index without files on the disk."""

from django.db import connection

from jobs.library import outcomes
from jobs.library.search_index import index_of
from jobs.models import LibraryFile
from tests.support.factories import set_outcomes


def add_files(*paths, status="unprocessed", operation="verify"):
    """Rows of the index; with an outcome of the operation unless they are unprocessed."""
    LibraryFile.objects.bulk_create(
        LibraryFile(path=path, size=1, mtime_ns=1, modified="2024-01-01T00:00:00Z", kind="other")
        for path in paths
    )
    if status != "unprocessed":
        outcomes.use(operation)
        files = LibraryFile.objects.filter(path__in=paths)
        set_outcomes(files, operation=operation, status=status)


def count_candidates(text):
    """The number of files that the search index finds for this text."""
    index = index_of(connection)
    with connection.cursor() as cursor:
        cursor.execute(index.match, [index.terms(text)])
        return len(cursor.fetchall())
