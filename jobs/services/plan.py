"""Works out what a job would process: for a start, and for a look before it."""

from dataclasses import dataclass, field
from typing import Any

from jobs import conf, operations, preparation
from jobs.exceptions import BadSelection, NoFiles, OwnItems, UnknownFiles
from jobs.library.fresh import index_files
from jobs.models import LibraryFile

_PATIENCE_SECONDS = 1.0
"""So long a request waits for an operation to list its own items."""


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
class Plan:
    """The items of a job that is being made: keys at hand, or what to prepare."""

    selection: dict[str, Any]
    preparation: dict[str, Any] = field(default_factory=dict)
    keys: list[str] | None = None
    indexed: bool = True


def plan_items(
    kind: operations.Operation, selection: Selection, parameters: dict[str, Any]
) -> Plan:
    """What to process. Raises BadSelection, OwnItems, NoFiles, UnknownFiles, BadItems."""
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
        return Plan({"files": len(keys)}, keys=keys)
    status = LibraryFile.Status.UNPROCESSED.value if selection.unprocessed else ""
    chosen = {given[0]: selection.search if selection.search is not None else True}
    todo = {"kind": "library", "search": selection.search or "", "status": status, "after": ""}
    return Plan(chosen, preparation=todo)


def _own_plan(kind: operations.Operation, parameters: dict[str, Any]) -> Plan:
    keys = preparation.first_keys(kind, parameters, conf.get("PREPARE_ITEMS"), _PATIENCE_SECONDS)
    if keys is None:
        return Plan({"own": True}, preparation={"kind": "own"})
    if not keys:
        raise NoFiles(f"The operation “{kind.name}” has found nothing to process.")
    return Plan({"own": True}, keys=keys, indexed=False)


def _check_in_library(keys: list[str]) -> None:
    """Raise UnknownFiles unless the library has a file of each of these paths.

    One that came after the last scan is taken into the index.
    """
    known = index_files(keys)
    missing = [key for key in keys if key not in known]
    if missing:
        shown = ", ".join(f"“{key[:200]}”" for key in missing[:5])
        more = f" and {len(missing) - 5:,} more" if len(missing) > 5 else ""
        raise UnknownFiles(paths=shown + more)
