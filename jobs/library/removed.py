"""What is known of removed files, kept in case they come back, under their path or another one.

A scan first *holds* the files that it does not find: they stay in the index, with a copy here.
At its end it either forgets them, which takes them out of the index, or lets all of them stay.
"""

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.utils import timezone

from jobs.conf import conf
from jobs.models import LibraryFile, RemovedFile

PAGE = 2_000

_HOLD = """
INSERT INTO jobs_removedfile
    (path, size, mtime_ns, status, message, last_job_id, memory, file_id, removed_at)
SELECT path, size, mtime_ns, status, message, last_job_id, memory, id, NULL
FROM jobs_libraryfile WHERE id IN ({})
"""
# Workers may have finished items of these files since they were held.
_REFRESH = """
UPDATE jobs_removedfile SET size = file.size, mtime_ns = file.mtime_ns, status = file.status,
    message = file.message, last_job_id = file.last_job_id, memory = file.memory
FROM jobs_libraryfile AS file
WHERE file.id = jobs_removedfile.file_id AND jobs_removedfile.id IN ({})
"""
_RESTORE = """
UPDATE jobs_libraryfile SET memory = old.memory,
    status = CASE WHEN given.same = 1 THEN old.status ELSE jobs_libraryfile.status END,
    message = CASE WHEN given.same = 1 THEN old.message ELSE jobs_libraryfile.message END,
    last_job_id = CASE WHEN given.same = 1 THEN old.last_job_id
        ELSE jobs_libraryfile.last_job_id END
FROM (WITH given (id, old_id, same) AS (VALUES {}) SELECT * FROM given) AS given
    JOIN jobs_removedfile AS old ON old.id = given.old_id
WHERE jobs_libraryfile.id = given.id AND jobs_libraryfile.status = 'unprocessed'
    AND jobs_libraryfile.memory = '{{}}'
RETURNING jobs_libraryfile.id
"""


class Match(NamedTuple):
    """A file of the index that gets what is known of a removed file.

    same  the content is the same, so the outcome of its last item holds; otherwise only what
          operations remember goes along
    """

    file_id: int
    removed_id: int
    same: bool


class Held(NamedTuple):
    id: int
    file_id: int
    path: str


def hold(ids: list[int]) -> None:
    """Copy these files of the index, in the caller's transaction."""
    _execute(_HOLD, ids)


def let_stay() -> None:
    """Keep all held files in the index; also those of a scan that was aborted."""
    RemovedFile.objects.filter(removed_at__isnull=True).delete()


def count_held() -> int:
    return RemovedFile.objects.filter(removed_at__isnull=True).count()


def held_pages() -> Iterator[list[Held]]:
    """The held files, in pages of at most PAGE. They may be forgotten meanwhile."""
    held = RemovedFile.objects.filter(removed_at__isnull=True).order_by("pk")
    last = 0
    while page := list(held.filter(pk__gt=last).values_list("pk", "file_id", "path")[:PAGE]):
        yield [Held(pk, file_id or 0, path) for pk, file_id, path in page]
        last = page[-1][0]


def forget(page: list[Held]) -> None:
    """Take held files out of the index. What is known of them is kept for some time."""
    ids, files = [one.id for one in page], sorted(one.file_id for one in page)
    with transaction.atomic():
        lock_files(files)
        _execute(_REFRESH, ids)
        old = RemovedFile.objects.filter(removed_at__isnull=False)
        old.filter(path__in=[one.path for one in page]).delete()
        held = RemovedFile.objects.filter(pk__in=ids)
        if conf.REMEMBER_DAYS:
            held.filter(status=LibraryFile.Status.UNPROCESSED, memory={}).delete()
            held.update(removed_at=timezone.now(), file_id=None)
        else:
            held.delete()
        LibraryFile.objects.filter(pk__in=files).delete()


def restore(matches: list[Match]) -> int:
    """Write what is known of removed files to files of the index; returns how many got it.

    The removed files are forgotten then. In one transaction. A file that has an outcome of its
    own by now keeps it.
    """
    with transaction.atomic():
        removed = {match.file_id: match.removed_id for match in matches}
        held = RemovedFile.objects.filter(pk__in=removed.values(), file_id__isnull=False)
        indexed = {pk: file_id or 0 for pk, file_id in held.values_list("pk", "file_id")}
        lock_files(sorted([*removed, *indexed.values()]))
        if indexed:
            _execute(_REFRESH, list(indexed))
        rows = ", ".join(f"({one.file_id:d}, {one.removed_id:d}, {one.same:d})" for one in matches)
        with connection.cursor() as cursor:
            cursor.execute(_RESTORE.format(rows))
            used = [removed[pk] for (pk,) in cursor.fetchall()]
        LibraryFile.objects.filter(pk__in=[indexed[pk] for pk in used if pk in indexed]).delete()
        RemovedFile.objects.filter(pk__in=used).delete()
    return len(used)


def restore_returned(paths: list[str]) -> None:
    """Restore what was known of files that were just added, in the caller's transaction."""
    removed = RemovedFile.objects.filter(removed_at__isnull=False)
    if not removed.exists():
        return
    fields = ("path", "pk", "size", "mtime_ns")
    known = {row[0]: row[1:] for row in removed.filter(path__in=paths).values_list(*fields)}
    if not known:
        return
    files = LibraryFile.objects.filter(path__in=list(known))
    restore(
        [
            Match(pk, known[path][0], same=(size, mtime_ns) == known[path][1:])
            for path, pk, size, mtime_ns in files.values_list(*fields)
        ]
    )
    removed.filter(path__in=list(known)).delete()


def prune() -> None:
    """Drop what is known of files that were removed over JOBS_REMEMBER_DAYS days ago."""
    limit = timezone.now() - timedelta(days=conf.REMEMBER_DAYS)
    RemovedFile.objects.filter(removed_at__lt=limit).delete()


def lock_files(ids: Iterable[int]) -> None:
    """Lock rows of the index in the order of their ids, as workers do."""
    rows = LibraryFile.objects.filter(pk__in=ids).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def _execute(statement: str, ids: list[Any]) -> None:
    places = ", ".join(["%s"] * len(ids))
    with connection.cursor() as cursor:
        cursor.execute(statement.format(places), ids)
