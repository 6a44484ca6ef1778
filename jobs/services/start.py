"""Starts jobs."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from jobs import conf, operations, preparation
from jobs.enqueue import hint
from jobs.exceptions import BadSelection, NoFiles, OwnItems, UnknownFiles
from jobs.models import Job, JobEvent, LibraryFile
from jobs.services.access import Actor
from jobs.signals import job_started, send_on_commit

_CHUNK = 500
_PATIENCE_SECONDS = 1.0
"""So long a request waits for an operation to list its own items."""
_ACTORLESS = Actor()


@dataclass(frozen=True, slots=True)
class Selection:
    """Which files: exactly one of the four; none for an operation with its own items."""

    files: list[str] | None = None
    all: bool = False
    unprocessed: bool = False
    search: str | None = None

    @property
    def given(self) -> list[str]:
        """The names of those that were given."""
        there = {
            "files": self.files is not None,
            "all": self.all,
            "unprocessed": self.unprocessed,
            "search": self.search is not None,
        }
        return [name for name, is_there in there.items() if is_there]


@dataclass(slots=True)
class _Plan:
    """The items of a job that is being made: keys at hand, or what to prepare."""

    selection: dict[str, Any]
    preparation: dict[str, Any] = field(default_factory=dict)
    keys: list[str] | None = None
    indexed: bool = True


def start_job(
    operation: str,
    *,
    parameters: dict[str, Any] | None = None,
    files: Iterable[str] | None = None,
    all: bool = False,  # noqa: A002 (the word of the API)
    unprocessed: bool = False,
    search: str | None = None,
    actor: Actor = _ACTORLESS,
    max_workers: int | None = None,
    failure_limit: int | None = None,
) -> Job:
    """Make a job and let the workers know.

    files          library paths, processed in this order, each once
    all            every file of the library, by path
    unprocessed    those whose last item did not end, or that never had one
    search         those whose path contains this text
    max_workers    at most so many workers at once
    failure_limit  the job fails when more items than this have failed

    Up to JOBS_PREPARE_ITEMS items are there when this returns; a larger job comes back
    as `queued` with `prepared` false, and a worker makes the rest before the first starts.

    Raises UnknownOperation, BadParameters, BadSelection, OwnItems, NoFiles, UnknownFiles,
    BadItems. Nothing is left behind then.
    """
    kind = operations.get(operation)
    selection = Selection(None if files is None else list(files), all, unprocessed, search)
    cleaned = kind.clean_parameters(parameters or {})
    plan = _plan(kind, selection, cleaned)
    with transaction.atomic():
        job = Job.objects.create(
            operation=kind.name,
            label=kind.label or kind.name,
            parameters=cleaned,
            selection=plan.selection,
            preparation=plan.preparation,
            prepared=plan.keys is not None,
            total_items=len(plan.keys or ()),
            max_workers=max_workers,
            failure_limit=failure_limit,
            created_by_id=actor.user_id,
        )
        if plan.keys is not None:
            preparation.add_keys(job.pk, 0, plan.keys, indexed=plan.indexed)
        elif plan.preparation["kind"] == "library":
            preparation.prepare_batch(job, conf.get("PREPARE_ITEMS"))
            if not job.total_items:
                raise NoFiles
        files_so_far = f"{job.total_items:,} items" + ("" if job.prepared else " so far")
        JobEvent.objects.record(job.pk, "start", actor.entry(f"{job.label}: {files_so_far}"))
        send_on_commit(job_started, Job, lambda: {"job": job, "source": actor.source})
        hint(min(conf.workers(), job.max_workers or conf.workers(), max(1, job.total_items)))
    return job


def _plan(kind: operations.Operation, selection: Selection, parameters: dict[str, Any]) -> _Plan:
    given = selection.given
    if not kind.uses_library:
        if given:
            raise OwnItems(name=kind.name)
        return _own_plan(kind, parameters)
    if len(given) != 1:
        raise BadSelection
    if selection.files is not None:
        keys = list(dict.fromkeys(selection.files))
        if not keys:
            raise NoFiles
        _check_in_library(keys)
        return _Plan({"files": len(keys)}, keys=keys)
    status = LibraryFile.Status.UNPROCESSED.value if selection.unprocessed else ""
    chosen = {given[0]: selection.search if selection.search is not None else True}
    todo = {"kind": "library", "search": selection.search or "", "status": status, "after": ""}
    return _Plan(chosen, preparation=todo)


def _own_plan(kind: operations.Operation, parameters: dict[str, Any]) -> _Plan:
    keys = preparation.first_keys(kind, parameters, conf.get("PREPARE_ITEMS"), _PATIENCE_SECONDS)
    if keys is None:
        return _Plan({"own": True}, preparation={"kind": "own"})
    if not keys:
        raise NoFiles(f"The operation “{kind.name}” has found nothing to process.")
    return _Plan({"own": True}, keys=keys, indexed=False)


def _check_in_library(keys: list[str]) -> None:
    """Raise UnknownFiles unless the library has a file of each of these paths."""
    missing: list[str] = []
    for start in range(0, len(keys), _CHUNK):
        chunk = [key for key in keys[start : start + _CHUNK] if "\0" not in key]
        known = set(LibraryFile.objects.filter(path__in=chunk).values_list("path", flat=True))
        missing += [key for key in keys[start : start + _CHUNK] if key not in known]
    if missing:
        shown = ", ".join(f"“{key[:200]}”" for key in missing[:5])
        more = f" and {len(missing) - 5:,} more" if len(missing) > 5 else ""
        raise UnknownFiles(paths=shown + more)
