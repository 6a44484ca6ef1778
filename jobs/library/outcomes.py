"""The outcomes of files: how the last item of each operation ended for each file.

A worker writes an outcome with the end of its item (`jobs.backends`). Here are the other writers,
each in the caller's transaction, after it has locked the files (`lock_files`).
"""

from collections.abc import Collection, Iterable
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone

from jobs.models import LibraryFile, Outcome, UsedOperation

BATCH = 5_000

SHARE = 20
"""An operation that has processed one of so many files is followed."""

KNOWN = ~Q(status=Outcome.Status.UNPROCESSED, memory__isnull=True)
"""The outcomes that say something; the others stand for a file that was not processed yet."""

_ADD_MISSING = """
INSERT INTO jobs_outcome (file_id, operation, path, status, message)
SELECT file.id, used.name, file.path, 'unprocessed', ''
FROM jobs_libraryfile AS file CROSS JOIN jobs_usedoperation AS used
WHERE used.followed AND file.id IN ({})
    AND (used.kinds = '' OR used.kinds LIKE '%%|' || file.kind || '|%%')
ON CONFLICT (file_id, operation) DO NOTHING
"""


def lock_files(ids: Iterable[int]) -> None:
    """Lock rows of the index in the order of their ids, as workers do."""
    rows = LibraryFile.objects.filter(pk__in=ids).order_by("pk")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def record_failure(file_id: int, operation: str, job_id: UUID, message: str) -> None:
    """Write the outcome of an item that ended with its worker, unless its file is gone."""
    lock_files([file_id])
    path = LibraryFile.objects.filter(pk=file_id).values_list("path", flat=True).first()
    if path is None:
        return
    failure = Outcome(
        file_id=file_id,
        operation=operation,
        path=path,
        status=Outcome.Status.FAILED,
        message=message,
        job_id=job_id,
        finished_at=timezone.now(),
    )
    Outcome.objects.bulk_create(
        [failure],
        update_conflicts=True,
        unique_fields=["file", "operation"],
        update_fields=["status", "message", "job_id", "finished_at"],
    )


def reset(file_ids: Collection[int]) -> None:
    """Files have changed: no operation has processed what they are now. Memory stays."""
    Outcome.objects.filter(file__in=file_ids).update(
        status=Outcome.Status.UNPROCESSED, message="", job_id=None, finished_at=None
    )


def follow(file_ids: Collection[int]) -> None:
    """Add the outcomes that new files need, so that no file lacks one of a followed operation."""
    # A change of `followed` waits for this transaction, and `_fill` sees the files then.
    used = UsedOperation.objects.order_by("pk").select_for_update(no_key=True)
    if any(list(used.values_list("followed", flat=True))):
        _add_missing(list(file_ids))


def use(operation: str, kinds: Collection[str] = ()) -> None:
    """Note that a job of this operation works on library files of these kinds. Safe to repeat."""
    stored = "".join(f"|{kind}" for kind in sorted(kinds)) + "|" * bool(kinds)
    used = UsedOperation.objects.filter(pk=operation)
    found = used.values_list("kinds", flat=True).first()
    if found is None:
        new = UsedOperation(name=operation, kinds=stored)
        UsedOperation.objects.bulk_create([new], ignore_conflicts=True)
    elif found != stored:
        # The operation is another one now: its other files have no outcome yet.
        used.update(kinds=stored, followed=False, complete=False)


def files_of(kinds: Collection[str]) -> QuerySet[LibraryFile]:
    """The files of these kinds; of all kinds if there are none."""
    files = LibraryFile.objects.all()
    return files.filter(kind__in=list(kinds)) if kinds else files


def complete() -> None:
    """Give every file an outcome of each operation that has processed many files.

    The files that such an operation has not processed would be searched for among all others.
    Call it outside a transaction. Safe to repeat and to kill.
    """
    for used in UsedOperation.objects.filter(complete=False):
        files = files_of(_kinds(used)).count()
        processed = Outcome.objects.filter(operation=used.name, file__isnull=False).count()
        if processed * SHARE < files or not files:
            continue
        # A job of another version of the operation may store other kinds meanwhile.
        same = UsedOperation.objects.filter(pk=used.name, kinds=used.kinds)
        if same.update(followed=True):
            _fill(used)
            same.filter(followed=True).update(complete=True)


def _kinds(used: UsedOperation) -> list[str]:
    return [kind for kind in used.kinds.split("|") if kind]


def _fill(used: UsedOperation) -> None:
    newest = LibraryFile.objects.aggregate(newest=Max("pk"))["newest"] or 0
    has_one = Outcome.objects.filter(file=OuterRef("pk"), operation=used.name)
    after = 0
    while after < newest:
        upper = after + 10 * BATCH
        lacking = files_of(_kinds(used)).filter(~Exists(has_one), pk__gt=after, pk__lte=upper)
        ids = list(lacking.order_by("pk").values_list("pk", flat=True)[:BATCH])
        with transaction.atomic():
            lock_files(ids)
            _add_missing(ids)
        after = ids[-1] if len(ids) == BATCH else upper


def _add_missing(file_ids: list[int]) -> None:
    for start in range(0, len(file_ids), BATCH):
        ids = file_ids[start : start + BATCH]
        with connection.cursor() as cursor:
            cursor.execute(_ADD_MISSING.format(", ".join(["%s"] * len(ids))), ids)
