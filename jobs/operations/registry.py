"""Knows all operations: shipped ones, those of installed apps and of the operations file."""

import threading
from typing import TypeVar

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.utils.module_loading import autodiscover_modules, import_string

from jobs.exceptions import BadOperationsFile, UnknownOperation
from jobs.operations.base import Operation, check_operation
from jobs.operations.operations_file import load_operations_file

SHIPPED = ("jobs.operations.verify.operation.Verify", "jobs.operations.preview.Preview")

Registered = TypeVar("Registered", bound=type[Operation] | Operation)

_operations: dict[str, Operation] = {}
_lock = threading.RLock()
_discovered = False


def register(operation: Registered) -> Registered:
    """Register an operation: as a class decorator, or called with an object.

    Raises ImproperlyConfigured if an attribute is invalid or the name is taken. Safe to repeat
    for the same class.
    """
    instance = operation() if isinstance(operation, type) else operation
    if not isinstance(instance, Operation):
        raise ImproperlyConfigured(f"{operation!r} is not a subclass of jobs.operations.Operation.")
    check_operation(instance)
    other = _operations.get(instance.name)
    if other is not None and _home(other) != _home(instance):
        raise ImproperlyConfigured(
            f"Two operations are named “{instance.name}”: {_home(other)} and {_home(instance)}. "
            "Rename one of them."
        )
    instance.label = instance.label or instance.name
    _operations[instance.name] = instance
    return operation


def get(name: str) -> Operation:
    """Return the operation of this name. Raises UnknownOperation, which lists the known ones."""
    discover()
    try:
        return _operations[name]
    except (KeyError, TypeError):
        known = ", ".join(sorted(_operations))
        raise UnknownOperation(name=name, known=known) from None


def all_operations() -> list[Operation]:
    """Return all operations, sorted by label."""
    discover()
    return sorted(_operations.values(), key=lambda operation: (operation.label, operation.name))


def worker_limits() -> dict[str, int]:
    """Return the `max_workers` of each operation that has a limit, by name."""
    discover()
    operations = _operations.values()
    return {each.name: each.max_workers for each in operations if each.max_workers is not None}


def known_names() -> tuple[str, ...]:
    """Return the names of all operations, sorted."""
    discover()
    return tuple(sorted(_operations))


def discover() -> None:
    """Import everything that registers operations. Calls after the first one do nothing.

    Raises BadOperationsFile, ImproperlyConfigured, or any exception of an app's module.
    """
    global _discovered
    if _discovered:
        return
    with _lock:
        if _discovered:
            return
        for shipped in SHIPPED:
            register(import_string(shipped))
        # For the app `jobs`, the module found is this package.
        autodiscover_modules("operations")
        if path := getattr(settings, "OPERATIONS_FILE", ""):
            for command in load_operations_file(path):
                try:
                    register(command)
                except ImproperlyConfigured as error:
                    raise BadOperationsFile(str(error)) from None
        _discovered = True


def _home(operation: Operation) -> str:
    return f"{type(operation).__module__}.{type(operation).__qualname__}"
