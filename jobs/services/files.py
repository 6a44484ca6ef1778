"""What a person may read of the files of the list."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from jobs import operations
from jobs.library import queries
from jobs.models import Outcome
from jobs.services.access import sees_all_jobs, visible_job_ids


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A row of the list; message, job and depth only if the person sees the job.

    status   how the last item of the operation ended for the file
    checked  how far the operation looked into it: see `Outcome.checked`
    """

    path: str
    size: int
    modified: datetime
    kind: str
    status: str
    message: str | None
    job_id: UUID | None
    checked: str | None


def list_files(
    user: Any, *, operation: str, status: str = "", kind: str = "", **wanted: Any
) -> tuple[int, int, list[ListedFile]]:
    """A page of files as this person may see them: how many files and pages there are, the rows.

    `kind`: only files of this kind; without it the unprocessed files of an operation are those of
    the kinds that it is for. `wanted`: see `library.queries.list_files`. A deleted job is None.
    """
    kinds = (kind,) if kind else _kinds_to_process(operation, status)
    count, pages, rows = queries.list_files(
        operation=operation, status=status, kinds=kinds, **wanted
    )
    jobs = {outcome.job_id for _, outcome in rows if outcome and outcome.job_id}
    visible = visible_job_ids(jobs, user)
    sees_all = sees_all_jobs(user)

    def listed(row: queries.ListedFile) -> ListedFile:
        file, outcome = row.file, row.outcome or Outcome()
        job_id = outcome.job_id if outcome.job_id in visible else None
        hidden = outcome.job_id is not None and job_id is None and not sees_all
        return ListedFile(
            file.path,
            file.size,
            file.modified,
            file.kind,
            outcome.status,
            None if hidden else outcome.message,
            job_id,
            None if hidden else outcome.checked,
        )

    return count, pages, [listed(row) for row in rows]


def _kinds_to_process(operation: str, status: str) -> tuple[str, ...]:
    if status != Outcome.Status.UNPROCESSED or operation not in operations.known_names():
        return ()
    return tuple(operations.get(operation).kinds)
