"""Works out what a job would process: for a start, and for a dry run."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from jobs import operations
from jobs.conf import conf
from jobs.exceptions import BadSelection, NoFiles, OperationListsItems, UnknownFiles
from jobs.library.on_demand import find_keys
from jobs.library.queries import select_files
from jobs.lifecycle import preparation
from jobs.lifecycle.preparation import Preparation
from jobs.models import Outcome
from jobs.operations.file_kinds import name_kinds
from jobs.progress.names import common_folder

_LIST_SECONDS = 1.0
"""How long a request waits for an operation to list its items."""


@dataclass(slots=True)
class Plan:
    """The items of a new job: keys at hand, or what to prepare."""

    kind: operations.Operation
    parameters: dict[str, Any]
    selection: dict[str, Any]
    preparation: Preparation = field(default_factory=lambda: Preparation())
    keys: list[str] | None = None

    @property
    def label(self) -> str:
        return self.kind.label or self.kind.name


@dataclass(frozen=True, slots=True)
class DryRun:
    """What `start_job` would create. `keys`: all items in the job's order, to be read once."""

    operation: str
    label: str
    parameters: dict[str, Any]
    keys: Iterator[str]


def plan_job(
    operation: str,
    parameters: dict[str, Any] | None,
    *,
    files: Iterable[str] | None,
    all: bool,  # noqa: A002 (the word of the API)
    unprocessed: bool,
    search: str | None,
) -> Plan:
    """Check the arguments of `start_job`, which documents them and the errors.

    `selection` has the one selection that was given: the number of files and the folder that
    holds them all, true or the text.
    """
    kind = operations.get(operation)
    selection: dict[str, Any] = {
        "files": None if files is None else list(dict.fromkeys(files)),
        "all": all or None,
        "unprocessed": unprocessed or None,
        "search": search,
    }
    given = {name: value for name, value in selection.items() if value is not None}
    cleaned = kind.clean_parameters(parameters or {})
    if not kind.uses_library:
        if given:
            raise OperationListsItems(name=kind.name)
        return _listed_plan(kind, cleaned)
    if len(given) != 1:
        raise BadSelection
    if "files" in given:
        keys = given["files"]
        if not keys:
            raise NoFiles
        keys = _keys_in_library(keys)
        chosen = {"files": len(keys), "folder": common_folder(keys)}
        return Plan(kind, cleaned, chosen, keys=keys)
    status = Outcome.Status.UNPROCESSED.value if unprocessed else ""
    todo: Preparation = {"kind": "library", "search": search or "", "status": status, "after": ""}
    if kind.kinds:
        todo["kinds"] = list(kind.kinds)
    return Plan(kind, cleaned, given, todo)


def dry_run_job(
    operation: str,
    *,
    parameters: dict[str, Any] | None = None,
    files: Iterable[str] | None = None,
    all: bool = False,  # noqa: A002 (the word of the API)
    unprocessed: bool = False,
    search: str | None = None,
) -> DryRun:
    """What `start_job` would process with the same arguments; it raises the same errors.

    Creates no job. Reading the keys of an operation that lists its items may raise BadItems.
    """
    plan = plan_job(
        operation, parameters, files=files, all=all, unprocessed=unprocessed, search=search
    )
    keys = _keys(plan)
    first = next(keys, None)
    if first is None:
        raise no_files(plan)
    return DryRun(plan.kind.name, plan.label, plan.parameters, chain([first], keys))


def no_files(plan: Plan) -> NoFiles:
    """The error of a plan without items: files of other kinds were found, or none at all."""
    kinds, search = plan.kind.kinds, plan.preparation.get("search", "")
    found_others = (
        plan.kind.uses_library
        and kinds
        and not select_files(search=search, kinds=kinds).exists()
        and select_files(search=search).exists()
    )
    if not found_others:
        return NoFiles()
    return NoFiles(
        f"None of the files that were found is one of the {name_kinds(kinds)} that this "
        "operation is for."
    )


def _keys(plan: Plan) -> Iterator[str]:
    if plan.keys is not None:
        return iter(plan.keys)
    todo = plan.preparation
    if todo["kind"] == "own":
        return chain.from_iterable(
            preparation.item_batches(plan.kind, plan.parameters, preparation.BATCH)
        )
    files = select_files(
        search=todo["search"],
        status=todo["status"],
        operation=plan.kind.name,
        kinds=plan.kind.kinds,
    )
    return files.values_list("path", flat=True).iterator()


def _listed_plan(kind: operations.Operation, parameters: dict[str, Any]) -> Plan:
    keys = preparation.list_items(kind, parameters, conf.INLINE_ITEMS, _LIST_SECONDS)
    if keys is None:
        return Plan(kind, parameters, {"own": True}, {"kind": "own"})
    if not keys:
        raise NoFiles(f"The operation “{kind.name}” has found nothing to process.")
    return Plan(kind, parameters, {"own": True}, keys=keys)


def _keys_in_library(given: list[str]) -> list[str]:
    """The keys of the library files that these paths name, each once.

    Raises UnknownFiles unless there is one for each. A file that is newer than the last scan is
    added to the index.
    """
    known = find_keys(given)
    missing = [path for path in given if path not in known]
    if missing:
        shown = ", ".join(f"“{path[:200]}”" for path in missing[:5])
        more = f" and {len(missing) - 5:,} more" if len(missing) > 5 else ""
        raise UnknownFiles(paths=shown + more)
    return list(dict.fromkeys(known[path] for path in given))
