"""Chooses library files: what the file list shows is what a job with the same words gets."""

from django.db.models import QuerySet

from jobs.models import LibraryFile


def select_files(*, search: str = "", status: str = "") -> QuerySet[LibraryFile]:
    """Files whose path contains `search` (whatever the case) and that have this status.

    Empty means any. Unordered.
    """
    files = LibraryFile.objects.all()
    if search:
        files = files.filter(path__icontains=search)
    if status:
        files = files.filter(status=status)
    return files
