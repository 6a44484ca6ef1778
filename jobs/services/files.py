"""What a person may read of the files of the list."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from jobs.models import LibraryFile
from jobs.services.access import sees_all_jobs, visible_job_ids


@dataclass(frozen=True, slots=True)
class ListedFile:
    """A row of the list; message and job only if the person sees the job."""

    path: str
    size: int
    modified: datetime
    kind: str
    status: str
    message: str | None
    job_id: UUID | None


def listed_files(files: Iterable[LibraryFile], user: Any) -> list[ListedFile]:
    """The files as this person may see them; at most one query.

    The message and the job are None if the person does not see the job. A deleted job is None.
    """
    rows = list(files)
    visible = visible_job_ids({file.last_job_id for file in rows if file.last_job_id}, user)
    sees_all = sees_all_jobs(user)

    def listed(file: LibraryFile) -> ListedFile:
        job_id = file.last_job_id if file.last_job_id in visible else None
        hidden = file.last_job_id is not None and job_id is None and not sees_all
        message = None if hidden else file.message
        return ListedFile(
            file.path, file.size, file.modified, file.kind, file.status, message, job_id
        )

    return [listed(file) for file in rows]
