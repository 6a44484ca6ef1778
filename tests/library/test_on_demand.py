"""Files that no scan has seen yet are added to the index."""

import os
import shutil

from jobs.library import on_demand
from jobs.library.on_demand import index_missing
from jobs.library.writer import LONGEST_KEY
from jobs.models import LibraryFile
from tests.library.factories import add_files


def test_new_files_are_added_and_indexed_ones_are_unchanged(library):
    library.write("known", "sub/new.png", b"bad \xff", content=b"123")
    add_files("known")

    indexed = index_missing(["known", "sub/new.png", "bad \\xff", "missing", "known"])

    assert indexed == {"known", "sub/new.png", "bad \\xff"}
    assert library.indexed == ["bad \\xff", "known", "sub/new.png"]
    new = LibraryFile.objects.get(path="sub/new.png")
    assert (new.size, new.kind) == (3, "image")
    assert LibraryFile.objects.get(path="known").size == 1
    assert library.scan().added == 0


def test_keys_of_no_regular_file_of_the_library_are_not_added(library, settings):
    library.write("file", "sub/file", "data/secret")
    (library.root.parent / "outside").write_bytes(b"x")
    (library.root / "link").symlink_to("file")
    (library.root / "to outside").symlink_to("../outside")
    (library.root / "out").symlink_to("..")
    os.mkfifo(library.root / "pipe")
    settings.DATA_DIR = library.root / "data"

    keys = [
        "", "/", "..", "../outside", "sub/../file", "./file", "sub//file", "sub", "sub/", "pipe",
        "link", "to outside", "out/outside", "a\0b", "\ud800", "x" * (LONGEST_KEY + 1),
        "file\\x5cxff", "data/secret",
    ]  # fmt: skip
    for key in keys:
        assert index_missing([key]) == set(), key
    assert library.indexed == []


def test_many_files_are_added_in_several_chunks(library, monkeypatch):
    monkeypatch.setattr(on_demand, "CHUNK", 10)
    names = [f"{number}" for number in range(25)]
    library.write(*names)

    assert index_missing(names[:15]) == set(names[:15])
    assert index_missing([*names, "missing"]) == set(names)


def test_only_indexed_files_are_known_without_the_library_folder(library):
    library.write("a", "b")
    index_missing(["a"])
    shutil.rmtree(library.root)

    assert index_missing(["a", "b"]) == {"a"}
