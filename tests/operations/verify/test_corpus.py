"""Existing files of this machine: those of the installed packages."""

import os
import sysconfig
from collections import defaultdict
from pathlib import Path

import pytest

from jobs.operations import Item, ItemFailed, get

KINDS = ("png", "svg", "jpg", "gif", "webp", "ico", "json", "xml", "gz", "zip", "whl", "woff2")
EACH = 40


def _found() -> dict[str, list[Path]]:
    """Up to EACH files of each kind, of a size that has two halves."""
    files: dict[str, list[Path]] = defaultdict(list)
    for folder, _, names in os.walk(sysconfig.get_paths()["purelib"]):
        for name in names:
            kind = name.rpartition(".")[2].lower()
            if kind in KINDS and len(files[kind]) < EACH and "test" not in folder:
                path = Path(folder, name)
                if path.is_file() and 64 < path.stat().st_size < 2_000_000:
                    files[kind].append(path)
    return files


FOUND = _found()


@pytest.mark.slow
def test_corpus_has_many_files_of_many_kinds():
    assert len(FOUND) >= 4
    assert sum(map(len, FOUND.values())) >= 50


@pytest.mark.slow
@pytest.mark.parametrize("kind", sorted(FOUND))
def test_no_whole_file_is_flagged_and_every_half_is(kind, tmp_path):
    verify = get("verify")
    for path in FOUND[kind]:
        item = Item(path.name, root=path.parent)
        assert verify.process(item, {}).data["sha256"], path
        half = tmp_path / path.name
        content = path.read_bytes()
        half.write_bytes(content[: len(content) // 2])
        with pytest.raises(ItemFailed):
            verify.process(Item(path.name, root=tmp_path), {})
