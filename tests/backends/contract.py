"""Which test shows how a backend has to behave, method by method.

The `test_*.py` modules beside this one are what a backend has to pass. They run on every
database of `module_database`. A third database is added in four places: `BACKENDS` here,
`tests.library.conftest`, `tests.support.stacks`, and `tests.support.worker.STALLED_STARTS`, which
stops one of its workers in the middle of a start. What only one database has is tested in the
folder of its backend.
"""

import functools
from collections.abc import Callable
from typing import Any

import pytest

from jobs.backends import Backend, LeaseStore
from jobs.backends.loading import load_backend

BACKENDS = [load_backend(vendor) for vendor in ("sqlite", "postgresql")]
INTERFACES: tuple[type, ...] = (Backend, LeaseStore)
Test = Callable[..., None]


def covers(*methods: Callable[..., Any]) -> Callable[[Test], Test]:
    """Says that a test shows how these methods behave; it fails if it calls one of them never."""

    def mark(test: Test) -> Test:
        test.covers = methods  # type: ignore[attr-defined]
        return test

    return mark


def covered_by(test: object) -> tuple[Callable[..., Any], ...]:
    """The methods that a test names with `covers`."""
    return getattr(test, "covers", ())


def record_calls(monkeypatch: pytest.MonkeyPatch, methods: tuple[Callable[..., Any], ...]) -> set:
    """A set that will hold those of these methods which any backend's class was called with."""
    called: set[Callable[..., Any]] = set()
    for method in methods:
        for owner in _owners(method):
            recorded = _recorded(vars(owner)[method.__name__], method, called)
            monkeypatch.setattr(owner, method.__name__, recorded)
    return called


def _owners(method: Callable[..., Any]) -> list[type]:
    """The classes that define this method of an interface."""
    (interface,) = (each for each in INTERFACES if vars(each).get(method.__name__) is method)
    return [
        each for each in (interface, *interface.__subclasses__()) if method.__name__ in vars(each)
    ]


def _recorded(
    original: Callable[..., Any], method: Callable[..., Any], called: set[Callable[..., Any]]
) -> Callable[..., Any]:
    @functools.wraps(original)
    def call(*arguments: Any, **named: Any) -> Any:
        called.add(method)
        return original(*arguments, **named)

    return call
