"""Every method of the interfaces has a test that says so and calls it."""

from importlib import import_module
from inspect import isfunction
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from jobs.backends.loading import load_backend
from tests.backends.contract import INTERFACES, covered_by

_HERE = Path(__file__).parent
_PUBLIC = [
    method
    for interface in INTERFACES
    for name, method in vars(interface).items()
    if isfunction(method) and not name.startswith("_")
]


def _covered():
    for path in sorted(_HERE.glob("test_*.py")):
        for test in vars(import_module(f"{__package__}.{path.stem}")).values():
            yield from covered_by(test)


def test_every_method_of_a_backend_and_of_a_store_is_covered_by_a_test():
    missing = set(_PUBLIC) - set(_covered())
    assert {method.__qualname__ for method in missing} == set()


def test_a_database_without_a_backend_is_refused_by_name():
    with pytest.raises(ImproperlyConfigured, match="no backend for oracle"):
        load_backend("oracle")
