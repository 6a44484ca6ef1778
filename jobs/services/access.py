"""Actors, and the jobs that they may see and control."""

import os
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Literal

from django.conf import settings
from django.db.models import QuerySet

from jobs.backends.compiled import CompiledQuery
from jobs.conf import conf
from jobs.exceptions import JobNotFound
from jobs.models import EventEntry, Job
from jobs.operations.keys import key_from_bytes

Source = Literal["page", "api", "admin", "command", "engine"]


@dataclass(frozen=True, slots=True)
class Actor:
    """The person who acts, and from where. `user` is None for an anonymous local person."""

    user: Any = None
    source: Source = "command"
    name: str = ""

    @property
    def user_id(self) -> int | None:
        return self.user.pk if self.user is not None and self.user.is_authenticated else None

    def entry(self, message: str = "") -> EventEntry:
        """The event entry of this actor's action."""
        name = self.name or (self.user.get_username() if self.user_id is not None else "")
        return EventEntry(self.source, self.user_id, name, message)


def sees_all_jobs(user: Any) -> bool:
    """Return True if this person sees and controls the jobs of everyone."""
    if not settings.LOGIN_REQUIRED:
        return True
    return bool(
        _is_signed_in(user)
        and user.is_staff
        and (
            user.has_perm("jobs.control_all_jobs")
            or user.has_perm("jobs.change_job")
            or user.has_perms(("jobs.view_job", "jobs.cancel_job"))
        )
    )


def visible_jobs(user: Any) -> QuerySet[Job]:
    """The jobs that this person sees and controls: their own; for staff with permission, all.

    Without LOGIN_REQUIRED everybody at the machine sees everything.
    """
    jobs = Job.objects.all()
    if sees_all_jobs(user):
        return jobs
    return jobs.filter(created_by=user) if _is_signed_in(user) else jobs.none()


def get_visible_job(job_id: uuid.UUID | str, user: Any) -> Job:
    """The job of this id. Raises JobNotFound if this person does not see it."""
    found = _BY_ID.fetch(as_id(job_id))
    if found and (
        sees_all_jobs(user) or (_is_signed_in(user) and found[0].created_by_id == user.pk)
    ):
        return found[0]
    raise JobNotFound


def visible_job_ids(job_ids: Iterable[uuid.UUID], user: Any) -> set[uuid.UUID]:
    """Those of these jobs that exist and that this person sees; at most one query."""
    ids = set(job_ids)
    if not ids:
        return ids
    return set(visible_jobs(user).filter(pk__in=ids).values_list("pk", flat=True))


def sees_library_root(user: Any) -> bool:
    """Return True if this person may read the library's absolute path on the server."""
    return not settings.LOGIN_REQUIRED or bool(_is_signed_in(user) and user.is_staff)


def without_library_root(sentence: str, user: Any) -> str:
    """The sentence as this person may read it: with the library's absolute path, or without."""
    if sees_library_root(user):
        return sentence
    root = key_from_bytes(os.fsencode(conf.library_root))
    return sentence.replace(f"The library folder {root} ", "The library folder ")


def may_delete(job: Job, user: Any) -> bool:
    """Return True if this person may delete a job that they see: their own, or by permission."""
    if not settings.LOGIN_REQUIRED:
        return True
    return job.created_by_id == user.pk or user.has_perm("jobs.delete_job")


_BY_ID = CompiledQuery(lambda: Job.objects.filter(pk=uuid.UUID(int=0)).order_by())


def _is_signed_in(user: Any) -> bool:
    return user is not None and user.is_authenticated


def get_job(job_id: uuid.UUID | str, *, jobs: QuerySet[Job] | None = None) -> Job:
    """The job of this id among `jobs` (all by default). Raises JobNotFound, also for a bad id."""
    found = (Job.objects.all() if jobs is None else jobs).filter(pk=as_id(job_id)).first()
    if found is None:
        raise JobNotFound
    return found


def as_id(job_id: uuid.UUID | str) -> uuid.UUID:
    """The id as a UUID. Raises JobNotFound if it cannot be one."""
    if isinstance(job_id, uuid.UUID):
        return job_id
    try:
        return uuid.UUID(str(job_id))
    except ValueError:
        raise JobNotFound from None
