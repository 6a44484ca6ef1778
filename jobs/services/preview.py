"""Tells what a job would process, without starting it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from jobs import operations, preparation
from jobs.exceptions import NoFiles
from jobs.library.queries import select_files
from jobs.services.plan import Plan, Selection, plan_items


@dataclass(frozen=True, slots=True)
class Preview:
    """What `start_job` would make. `keys` are all items in the job's order, to be read once."""

    operation: str
    label: str
    parameters: dict[str, Any]
    keys: Iterator[str]


def preview_job(
    operation: str,
    *,
    parameters: dict[str, Any] | None = None,
    files: Iterable[str] | None = None,
    all: bool = False,  # noqa: A002 (the word of the API)
    unprocessed: bool = False,
    search: str | None = None,
) -> Preview:
    """What `start_job` would process with the same arguments; it raises the same errors.

    Makes no job. Reading the keys of an operation with own items may raise BadItems.
    """
    kind = operations.get(operation)
    selection = Selection(None if files is None else list(files), all, unprocessed, search)
    cleaned = kind.clean_parameters(parameters or {})
    keys = _keys(kind, plan_items(kind, selection, cleaned), cleaned)
    first = next(keys, None)
    if first is None:
        raise NoFiles
    return Preview(kind.name, kind.label or kind.name, cleaned, chain([first], keys))


def _keys(kind: operations.Operation, plan: Plan, parameters: dict[str, Any]) -> Iterator[str]:
    if plan.keys is not None:
        return iter(plan.keys)
    todo = plan.preparation
    if todo["kind"] == "own":
        return chain.from_iterable(preparation.own_batches(kind, parameters))
    files = select_files(search=todo["search"], status=todo["status"]).order_by("path")
    return files.values_list("path", flat=True).iterator()
