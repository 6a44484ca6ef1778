"""Runs every example of the how-to as a reader would."""

import gzip
import re
from pathlib import Path

import pytest

from jobs.backends import JobTotals
from jobs.models import Job
from jobs.operations import Item, ItemFailed, Result, registry
from jobs.operations.operations_file import load_operations_file
from jobs.progress import progress_of

HOWTO = Path(__file__).parents[2] / "docs" / "howto" / "operations.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", HOWTO.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture
def examples(monkeypatch):
    """The Python operations of the how-to, by name."""
    monkeypatch.setattr(registry, "_operations", {})
    for block in blocks("python"):
        exec(compile(block, str(HOWTO), "exec"), {"__name__": "howto"})
    return dict(registry._operations)


@pytest.fixture
def item(tmp_path):
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "a.txt").write_text("one\ntwo\n")
    return Item("a.txt", root=tmp_path / "library", outputs=tmp_path / "outputs")


def test_every_example_of_the_docs_is_tested(examples):
    assert set(examples) == {"count", "find-text", "growth", "measure", "reverse", "squares"}
    assert len(blocks("toml")) == 1


def test_count(examples, item):
    assert examples["count"].process(item, {}) == {"bytes": 8}


def test_find_text(examples, item):
    operation = examples["find-text"]
    parameters = operation.clean_parameters({"text": "two"})
    assert operation.process(item, parameters) == {"found": 1}
    with pytest.raises(ItemFailed, match="The text is not in this file"):
        operation.process(item, parameters | {"text": "three"})


def test_growth(examples, item):
    operation = examples["growth"]
    assert operation.remembers
    first = operation.process(item, {})
    assert first == Result({"bytes": 8}, "", {"size": 8})
    item.previous = {"size": 5}
    assert operation.process(item, {}).message == "Grew by 3 bytes"


def test_measure(examples, item):
    operation = examples["measure"]
    totals = operation.process(item, {}).totals
    assert totals == {"bytes": 8, "files": 1}
    progress = progress_of(Job(), JobTotals(succeeded=1))
    assert operation.summary(progress, totals) == "8 bytes a file, 0 unreadable"
    assert operation.summary(progress, {}) == ""


def test_reverse(examples, item):
    assert examples["reverse"].process(item, {}) == {"lines": 2}
    assert (item.output_dir / "a.txt").read_text() == "two\none\n"


def test_squares(examples):
    operation = examples["squares"]
    keys = list(operation.items({}))
    assert not operation.uses_library
    assert len(keys) == 1000
    assert operation.process(Item(keys[12]), {}) == {"square": 144}


def test_commands(tmp_path, item):
    path = tmp_path / "operations.toml"
    path.write_text(blocks("toml")[0])
    copy, pack = load_operations_file(path)
    copy.process(item, {})
    assert [file.name for file in item.output_dir.iterdir()] == ["a.txt"]
    pack.process(item, {})
    assert gzip.decompress(item.output_path(".gz").read_bytes()) == b"one\ntwo\n"
    assert (pack.timeout, pack.attempts, pack.max_workers) == (60, 2, 1)
