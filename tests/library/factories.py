"""Rows of the index without files on the disk."""

from django.db import connection

from jobs.library.search_index import index_of
from jobs.models import LibraryFile


def add_files(*paths, status="unprocessed"):
    LibraryFile.objects.bulk_create(
        LibraryFile(
            path=path,
            size=1,
            mtime_ns=1,
            modified="2024-01-01T00:00:00Z",
            kind="other",
            status=status,
        )
        for path in paths
    )


def count_candidates(text):
    """The number of files that the search index finds for this text."""
    index = index_of(connection)
    with connection.cursor() as cursor:
        cursor.execute(index.match, [index.terms(text)])
        return len(cursor.fetchall())
