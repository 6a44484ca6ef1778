"""What is known of removed files, kept in case they come back, under their path or another one.

A scan first *holds* the files that it does not find: they stay in the index, and are noted here.
At its end it either forgets them, which takes them out of the index, or lets all of them stay. The
outcomes of a file that is forgotten stay and refer to the removed file.
"""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from jobs.conf import conf
from jobs.library.outcomes import KNOWN, follow, lock_files
from jobs.models import LibraryFile, Outcome, RemovedFile

PAGE = 2_000

_HOLD = """
INSERT INTO jobs_removedfile (path, size, mtime_ns, file_id, removed_at)
SELECT path, size, mtime_ns, id, NULL FROM jobs_libraryfile WHERE id IN ({})
"""
# A scan may have seen a change of these files since they were held.
_REFRESH = """
UPDATE jobs_removedfile SET size = file.size, mtime_ns = file.mtime_ns
FROM jobs_libraryfile AS file
WHERE file.id = jobs_removedfile.file_id AND jobs_removedfile.id IN ({})
"""
_DETACH = """
UPDATE jobs_outcome SET removed_id = old.id, file_id = NULL FROM jobs_removedfile AS old
WHERE old.file_id = jobs_outcome.file_id AND old.id IN ({})
"""
_ATTACH = """
UPDATE jobs_outcome SET file_id = given.id, removed_id = NULL, path = file.path,
    status = CASE WHEN given.same = 1 THEN jobs_outcome.status ELSE 'unprocessed' END,
    message = CASE WHEN given.same = 1 THEN jobs_outcome.message ELSE '' END,
    job_id = CASE WHEN given.same = 1 THEN jobs_outcome.job_id END,
    finished_at = CASE WHEN given.same = 1 THEN jobs_outcome.finished_at END
FROM (WITH given (id, old_id, same) AS (VALUES {rows}) SELECT * FROM given) AS given
    JOIN jobs_removedfile AS old ON old.id = given.old_id
    JOIN jobs_libraryfile AS file ON file.id = given.id
WHERE jobs_outcome.{column} = old.{key}
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
    """Note these files of the index as missing, in the caller's transaction."""
    _execute(_HOLD, ids)


def let_stay() -> None:
    """Keep all held files in the index; also those of a scan that was aborted."""
    # They have no outcomes of their own yet, so one statement removes them, however many.
    held = RemovedFile.objects.filter(removed_at__isnull=True)
    held._raw_delete(held.db)


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
        _delete(old.filter(path__in=[one.path for one in page]))
        held = RemovedFile.objects.filter(pk__in=ids)
        if conf.REMEMBER_DAYS:
            Outcome.objects.filter(file__in=files).exclude(KNOWN).delete()
            _execute(_DETACH, ids)
            held.filter(outcomes__isnull=True).delete()
            held.update(removed_at=timezone.now(), file_id=None)
        else:
            held._raw_delete(held.db)
        Outcome.objects.filter(file__in=files)._raw_delete(held.db)
        LibraryFile.objects.filter(pk__in=files)._raw_delete(held.db)


def restore(matches: list[Match]) -> int:
    """Give files of the index what is known of removed files; returns how many got it.

    The removed files are forgotten then. In one transaction. A file that has an outcome of its
    own by now keeps it.
    """
    with transaction.atomic():
        given = {match.file_id: match for match in matches}
        removed = [match.removed_id for match in matches]
        held = RemovedFile.objects.filter(pk__in=removed, file_id__isnull=False)
        indexed = {pk: file_id or 0 for pk, file_id in held.values_list("pk", "file_id")}
        lock_files(sorted([*given, *indexed.values()]))
        if indexed:
            _execute(_REFRESH, list(indexed))
        own = Outcome.objects.filter(KNOWN, file__in=given)
        for pk in own.values_list("file", flat=True).distinct():
            given.pop(pk or 0, None)
        if not given:
            return 0
        Outcome.objects.filter(file__in=given).delete()
        _attach(list(given.values()))
        follow(list(given))
        used = [match.removed_id for match in given.values()]
        LibraryFile.objects.filter(pk__in=[indexed[pk] for pk in used if pk in indexed]).delete()
        RemovedFile.objects.filter(pk__in=used).delete()
    return len(used)


def _attach(matches: list[Match]) -> None:
    rows = ", ".join(f"({one.file_id:d}, {one.removed_id:d}, {one.same:d})" for one in matches)
    with connection.cursor() as cursor:
        cursor.execute(_ATTACH.format(rows=rows, column="removed_id", key="id"))
        cursor.execute(_ATTACH.format(rows=rows, column="file_id", key="file_id"))


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
    old = RemovedFile.objects.filter(removed_at__lt=limit).order_by("removed_at")
    # A page at a time, so that others can write in between.
    while ids := list(old.values_list("pk", flat=True)[:PAGE]):
        _delete(RemovedFile.objects.filter(pk__in=ids))


def _delete(files: QuerySet[RemovedFile]) -> None:
    """Delete removed files with their outcomes, in a transaction, without reading them."""
    with transaction.atomic():
        Outcome.objects.filter(removed__in=list(files.values_list("pk", flat=True))).delete()
        files._raw_delete(files.db)


def _execute(statement: str, ids: list[Any]) -> None:
    places = ", ".join(["%s"] * len(ids))
    with connection.cursor() as cursor:
        cursor.execute(statement.format(places), ids)
