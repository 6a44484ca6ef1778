"""The interface of an operation: one kind of work, done to one item at a time."""

import re
from collections.abc import Iterable, Sequence
from math import inf
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.forms import BaseForm

from jobs.operations.counts import Counts
from jobs.operations.file_kinds import KINDS
from jobs.operations.item import Item
from jobs.operations.parameters import clean, describe
from jobs.operations.results import Result
from jobs.operations.stored_parameters import AdaptedParameters, adapt, digest
from jobs.operations.totals import Totals

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class Operation:
    """Base class of operations: subclass it, set `name`, write `process`, add `@register`.

    One object serves all jobs, in several processes, so it must not keep state between items.
    """

    name: str = ""
    """Identifies the operation in the API and in commands: letters, digits, `_`, `.` and `-`."""
    label: str = ""
    """The title on the page; the name if empty."""
    description: str = ""
    Parameters: type[BaseForm] | None = None
    """A Django form with the parameters of a job. They are validated before the job starts."""
    timeout: float = 300.0
    """Seconds that one item may take. Then its process is killed and the item fails."""
    attempts: int = 3
    """How many times an item is tried if its worker dies."""
    max_workers: int | None = None
    """Maximum number of workers at once for all its jobs together; None means no limit."""
    columns: tuple[str, ...] = ()
    """Keys of its results that get a column of their own in the page's CSV."""
    kinds: Sequence[str] = ()
    """The kinds of library files that it is for, as in `GET /api/files`; empty means all.

    A choice of all files, of the unprocessed ones or by a search takes only these. Another file
    that a person names is not passed to `process` if its name says that it is of another kind.
    """
    remembers: bool = False
    """Pass to `process`, as `item.previous`, what it last remembered of the file."""

    def process(self, item: Item, parameters: dict[str, Any]) -> dict[str, Any] | Result | None:
        """Do the work for one item. The returned dict (JSON, at most 64 KB) is its result.

        Raise `ItemFailed("sentence")` to fail the item. Any other exception also fails it, with
        the exception's message. Called again for an item whose worker has died.
        """
        raise NotImplementedError(f"{type(self).__name__} has no process().")

    def items(self, parameters: dict[str, Any]) -> Iterable[str]:
        """Return the keys to process, for an operation that does not work on library files.

        There may be any number of keys. All are read before the first item exists, and maybe again
        after a crash; a preparation continues if they are the same in the same order.
        """
        raise NotImplementedError(f"{type(self).__name__} works on library files.")

    def summary(self, progress: Counts, totals: Totals) -> str:
        """Return one line about a job for people, "" for none: what its numbers mean.

        progress  counts of the job's items, as in the status object
        totals    the sums of `Result.totals`

        Called each time somebody looks at the job, also while it runs, so it must be quick.
        """
        return ""

    @property
    def uses_library(self) -> bool:
        """True if its items are library files that a person chooses."""
        return type(self).items is Operation.items

    def parameters_schema(self) -> list[dict[str, Any]]:
        """Return the parameters as JSON for the API and the page, one dict each.

        Keys: name, label, type, required, default, choices (list of {value, label} or
        null), help, min, max. Types: string, text, integer, number, boolean, choice,
        choices, date, datetime, time, json.
        """
        return describe(self.Parameters)

    def clean_parameters(self, raw: dict[str, Any]) -> dict[str, Any]:
        """Return the parameters as `process` gets them: valid, complete, plain JSON values.

        Raises BadParameters with a list of sentences for each invalid or unknown name.
        """
        return clean(self.Parameters, raw)

    def parameters_digest(self) -> str:
        """Return a text that changes when `Parameters` accepts other values; "" without a form."""
        return digest(self.Parameters)

    def adapt_parameters(self, stored: dict[str, Any]) -> AdaptedParameters:
        """Fit the parameters of an older job to the present form. Raises BadParameters.

        Those of an operation with a `clean_parameters` of its own stay as they are.
        """
        if self.Parameters is None or type(self).clean_parameters is not Operation.clean_parameters:
            return AdaptedParameters(stored)
        return adapt(self.Parameters, stored)


def check_operation(operation: Operation) -> None:
    """Raise ImproperlyConfigured if an attribute of the operation is invalid."""
    name: object = operation.name
    form: object = operation.Parameters
    rules = {
        "`name` must be 1 to 64 letters, digits, '_', '.' or '-'.": isinstance(name, str)
        and _NAME.fullmatch(name),
        "`timeout` must be a number of seconds above 0.": _is_seconds(operation.timeout),
        "`attempts` must be a whole number above 0.": _is_count(operation.attempts),
        "`max_workers` must be a whole number above 0.": operation.max_workers is None
        or _is_count(operation.max_workers),
        "`columns` must be a tuple of names without commas.": _are_names(operation.columns),
        "`Parameters` must be a Django form class.": form is None
        or (isinstance(form, type) and issubclass(form, BaseForm)),
        f"`kinds` must be a list of some of: {', '.join(KINDS)}.": _are_kinds(operation.kinds),
    }
    for rule, holds in rules.items():
        if not holds:
            where = f"Operation {name or type(operation).__name__!r}"
            raise ImproperlyConfigured(f"{where}: {rule}")


def _are_kinds(value: object) -> bool:
    return isinstance(value, list | tuple) and all(kind in KINDS for kind in value)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1


def _are_names(value: object) -> bool:
    return isinstance(value, tuple) and all(
        isinstance(name, str) and name and "," not in name for name in value
    )


def _is_seconds(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < inf
