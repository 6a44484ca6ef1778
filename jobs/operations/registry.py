"""Which operations there are: shipped ones, those of installed apps, and the operations file."""

import threading
from typing import TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import autodiscover_modules, import_string

from jobs.exceptions import BadOperationsFile, UnknownOperation
from jobs.operations.base import Operation, check_operation
from jobs.operations.commands import Command
from jobs.operations.operations_file import load_operations_file

SHIPPED = ("jobs.operations.verify.Verify", "jobs.operations.preview.Preview")

Registered = TypeVar("Registered", bound=type[Operation] | Operation)

_operations: dict[str, Operation] = {}
_lock = threading.RLock()
_discovered = False


def register(operation: Registered) -> Registered:
    """Make an operation known: as a class decorator, or called with an object.

    Raises ImproperlyConfigured when its attributes make no sense or its name is taken.
    """
    made = operation() if isinstance(operation, type) else operation
    if not isinstance(made, Operation):
        raise ImproperlyConfigured(f"{operation!r} is no subclass of jobs.operations.Operation.")
    check_operation(made)
    other = _operations.get(made.name)
    if other is not None and _home(other) != _home(made):
        raise ImproperlyConfigured(
            f"Two operations are named “{made.name}”: {_home(other)} and {_home(made)}. "
            "Rename one of them."
        )
    made.label = made.label or made.name
    _operations[made.name] = made
    return operation


def get(name: str) -> Operation:
    """The operation of this name. Raises UnknownOperation, which lists the known ones."""
    discover()
    try:
        return _operations[name]
    except (KeyError, TypeError):
        known = ", ".join(sorted(_operations))
        raise UnknownOperation(name=name, known=known) from None


def all_operations() -> list[Operation]:
    """Every operation, by label."""
    discover()
    return sorted(_operations.values(), key=lambda operation: (operation.label, operation.name))


def worker_limits() -> dict[str, int]:
    """How many workers all jobs of an operation may have together, where there is a limit."""
    discover()
    limits = {name: operation.max_workers for name, operation in _operations.items()}
    return {name: limit for name, limit in limits.items() if limit is not None}


def discover() -> None:
    """Import what registers operations; the first call does it, later ones are free.

    Raises BadOperationsFile, ImproperlyConfigured, or what an app's module raises.
    """
    global _discovered
    if _discovered:
        return
    with _lock:
        if _discovered:
            return
        for shipped in SHIPPED:
            register(import_string(shipped))
        # Of an app named `jobs`, the module found is this package.
        autodiscover_modules("operations")
        if path := getattr(settings, "OPERATIONS_FILE", ""):
            for command in load_operations_file(path):
                _register_command(command)
        _discovered = True


def _register_command(command: Command) -> None:
    try:
        register(command)
    except ImproperlyConfigured as error:
        raise BadOperationsFile(str(error)) from None


def _home(operation: Operation) -> str:
    return f"{type(operation).__module__}.{type(operation).__qualname__}"
