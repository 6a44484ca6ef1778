"""The interface of an operation: one kind of work, done to one item at a time."""

import re
from collections.abc import Iterable
from math import inf
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.forms import BaseForm

from jobs.operations.item import Item
from jobs.operations.outcome import Result
from jobs.operations.parameters import clean, describe

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


class Operation:
    """Subclass this, give it a `name`, write `process`, and put `@register` on it.

    One object serves every job, in several processes, so it keeps nothing between items.
    """

    name: str = ""
    """What the API and commands call it: letters, digits, `_`, `.` and `-`."""
    label: str = ""
    """What the page calls it; the name if empty."""
    description: str = ""
    Parameters: type[BaseForm] | None = None
    """A Django form: the parameters that a person may give, checked before the job starts."""
    timeout: float = 300.0
    """Seconds that one item may take; then its process is killed and the item fails."""
    attempts: int = 3
    """How often an item is tried when its worker dies."""
    max_workers: int | None = None
    """At most so many workers at once for all its jobs together; None: as many as there are."""
    remembers: bool = False
    """Give `process` what it remembered of the file last time, as `item.previous`."""

    def process(self, item: Item, parameters: dict[str, Any]) -> dict[str, Any] | Result | None:
        """Do the work for one item; the returned dict (JSON, at most 64 KB) is its result.

        Raise `ItemFailed("sentence")` to fail the item; any other exception fails it too,
        with the exception's message. May be called again for an item whose worker died.
        """
        raise NotImplementedError(f"{type(self).__name__} has no process().")

    def items(self, parameters: dict[str, Any]) -> Iterable[str]:
        """The keys to process, for an operation that does not work on library files.

        Any number of them; they are read lazily and may be read again after a crash.
        """
        raise NotImplementedError(f"{type(self).__name__} works on library files.")

    @property
    def uses_library(self) -> bool:
        """Whether its items are files of the library, chosen by a person."""
        return type(self).items is Operation.items

    def parameters_schema(self) -> list[dict[str, Any]]:
        """The parameters as JSON for the API and the page, one dict for each.

        Keys: name, label, type, required, default, choices (list of {value, label} or
        null), help, min, max. Types: string, text, integer, number, boolean, choice,
        choices, date, datetime, time, json.
        """
        return describe(self.Parameters)

    def clean_parameters(self, raw: dict[str, Any]) -> dict[str, Any]:
        """The parameters as `process` gets them: checked, complete, plain JSON values.

        Raises BadParameters with a list of sentences for each wrong or unknown name.
        """
        return clean(self.Parameters, raw)


def check_operation(operation: Operation) -> None:
    """Raise ImproperlyConfigured when an attribute of the operation makes no sense."""
    name: object = operation.name
    where = f"Operation {name or type(operation).__name__!r}"
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ImproperlyConfigured(
            f"{where}: `name` must be 1 to 64 letters, digits, '_', '.' or '-'."
        )
    if not _is_number(operation.timeout) or not 0 < operation.timeout < inf:
        raise ImproperlyConfigured(f"{where}: `timeout` must be a number of seconds above 0.")
    if not _is_count(operation.attempts):
        raise ImproperlyConfigured(f"{where}: `attempts` must be a whole number above 0.")
    if operation.max_workers is not None and not _is_count(operation.max_workers):
        raise ImproperlyConfigured(f"{where}: `max_workers` must be a whole number above 0.")
    form: object = operation.Parameters
    if form is not None and not (isinstance(form, type) and issubclass(form, BaseForm)):
        raise ImproperlyConfigured(f"{where}: `Parameters` must be a Django form class.")


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 1
