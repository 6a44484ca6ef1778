"""The registry belongs to the process, so these tests restore its content."""

import subprocess
import sys
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from jobs.exceptions import BadOperationsFile, UnknownOperation
from jobs.operations import Item, Operation, all_operations, get, register, registry


@pytest.fixture(autouse=True)
def _as_it_was(monkeypatch):
    all_operations()
    monkeypatch.setattr(registry, "_operations", dict(registry._operations))


class Count(Operation):
    name = "count-for-registry"

    def process(self, item: Item, parameters: dict[str, Any]) -> dict[str, Any]:
        return {"bytes": item.path.stat().st_size}


def test_example_of_the_docs_works(tmp_path):
    assert register(Count) is Count
    (tmp_path / "a.txt").write_text("12345")
    operation = get("count-for-registry")
    assert operation.process(Item("a.txt", root=tmp_path), {}) == {"bytes": 5}
    assert operation.label == "count-for-registry"
    assert operation.uses_library
    assert (operation.timeout, operation.attempts, operation.max_workers) == (300.0, 3, None)


def test_shipped_operations_are_registered():
    assert {"verify", "preview"} <= {operation.name for operation in all_operations()}


def test_operations_of_installed_apps_are_found(settings, tmp_path, monkeypatch):
    app = tmp_path / "somebodys_app"
    app.mkdir()
    (app / "__init__.py").touch()
    (app / "operations.py").write_text(
        "from jobs.operations import Operation, register\n"
        "@register\n"
        "class Theirs(Operation):\n"
        "    name = 'theirs'\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    settings.INSTALLED_APPS = [*settings.INSTALLED_APPS, "somebodys_app"]
    monkeypatch.setattr(registry, "_discovered", False)
    assert type(get("theirs")).__module__ == "somebodys_app.operations"


def test_operations_are_sorted_by_label():
    labels = [operation.label for operation in all_operations()]
    assert labels == sorted(labels)


@pytest.mark.parametrize("name", ["nope", "", "VERIFY", None, []])
def test_error_for_an_unknown_name_lists_the_known_ones(name):
    with pytest.raises(UnknownOperation, match=r"There is no operation named .*verify"):
        get(name)


def test_second_operation_with_the_same_name_is_rejected():
    with pytest.raises(ImproperlyConfigured, match="Two operations are named “verify”"):
        register(type("Other", (Operation,), {"name": "verify"}))


def test_registering_the_same_class_again_is_allowed():
    register(Count)
    register(Count)


def test_uses_library_is_false_for_an_operation_that_lists_its_items():
    class Own(Operation):
        name = "own"

        def items(self, parameters):
            return iter(["one", "two"])

    assert not Own().uses_library
    assert list(Own().items({})) == ["one", "two"]


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"name": ""}, "`name` must be"),
        ({"name": "with space"}, "`name` must be"),
        ({"name": "../up"}, "`name` must be"),
        ({"name": "n" * 65}, "`name` must be"),
        ({"timeout": 0}, "`timeout` must be"),
        ({"timeout": "60"}, "`timeout` must be"),
        ({"timeout": float("nan")}, "`timeout` must be"),
        ({"timeout": float("inf")}, "`timeout` must be"),
        ({"attempts": 0}, "`attempts` must be"),
        ({"attempts": True}, "`attempts` must be"),
        ({"max_workers": 0}, "`max_workers` must be"),
        ({"columns": ["kind"]}, "`columns` must be"),
        ({"columns": ("kind", 5)}, "`columns` must be"),
        ({"columns": ("a,b",)}, "`columns` must be"),
        ({"Parameters": dict}, "`Parameters` must be"),
    ],
)
def test_invalid_attribute_is_rejected_at_registration(attributes, said):
    with pytest.raises(ImproperlyConfigured, match=said):
        register(type("Wrong", (Operation,), {"name": "wrong", **attributes}))


@pytest.mark.parametrize("thing", [dict, 5, "verify"])
def test_anything_but_an_operation_is_rejected(thing):
    with pytest.raises(ImproperlyConfigured, match="not a subclass"):
        register(thing)


def test_operations_file_is_read(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "_discovered", False)
    settings.OPERATIONS_FILE = str(tmp_path / "ops.toml")
    (tmp_path / "ops.toml").write_text('[list]\ncommand = ["ls", "{path}"]\n')
    assert get("list").label == "list"


def test_command_with_the_name_of_a_shipped_operation_is_rejected(settings, tmp_path, monkeypatch):
    monkeypatch.setattr(registry, "_discovered", False)
    settings.OPERATIONS_FILE = str(tmp_path / "ops.toml")
    (tmp_path / "ops.toml").write_text('[verify]\ncommand = ["ls", "{path}"]\n')
    with pytest.raises(BadOperationsFile, match="Two operations are named “verify”"):
        all_operations()


def test_operations_are_loaded_without_large_libraries_and_threads():
    """`serve` forks what it has loaded, which is safe only without threads."""
    code = (
        "import os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings';"
        "import django; django.setup();"
        "from jobs import operations; operations.all_operations();"
        "large = {'numpy', 'av', 'pyvips', 'PIL', 'pikepdf', 'imagecodecs', 'rawpy', 'apsw'};"
        "print(sorted(large & set(sys.modules)), len(os.listdir('/proc/self/task')))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[] 1"
