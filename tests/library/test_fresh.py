"""Files that were copied just now can be processed without a scan."""

import os
import shutil

import pytest

from jobs.library.fresh import index_files
from jobs.library.writer import LONGEST_KEY
from jobs.models import LibraryFile


def test_files_on_the_disk_are_added_and_known_ones_left_as_they_are(library):
    library.write("known", "sub/new.png", b"bad \xff", content=b"123")
    LibraryFile.objects.create(
        path="known", size=99, mtime_ns=1, modified="2024-01-01T00:00:00Z", kind="other"
    )

    indexed = index_files(["known", "sub/new.png", "bad \\xff", "missing", "known"])

    assert indexed == {"known", "sub/new.png", "bad \\xff"}
    assert library.indexed == ["bad \\xff", "known", "sub/new.png"]
    new = LibraryFile.objects.get(path="sub/new.png")
    assert (new.size, new.kind, new.status) == (3, "image", "unprocessed")
    assert LibraryFile.objects.get(path="known").size == 99
    assert library.scan().added == 0


@pytest.mark.parametrize(
    "key",
    [
        "", "/", "..", "../outside", "sub/../file", "./file", "sub//file", "sub", "sub/", "pipe",
        "link", "to outside", "out/outside", "a\0b", "\ud800", "x" * (LONGEST_KEY + 1),
        "file\\x5cxff", "data/secret",
    ],
)  # fmt: skip
def test_nothing_else_gets_in(library, key, settings):
    library.write("file", "sub/file", "data/secret")
    (library.root.parent / "outside").write_bytes(b"x")
    (library.root / "link").symlink_to("file")
    (library.root / "to outside").symlink_to("../outside")
    (library.root / "out").symlink_to("..")
    os.mkfifo(library.root / "pipe")
    settings.DATA_DIR = library.root / "data"

    assert index_files([key]) == set()
    assert library.indexed == []


def test_many_files(library):
    names = [f"{number}" for number in range(2500)]
    library.write(*names)

    assert index_files(names[:1500]) == set(names[:1500])
    assert index_files([*names, "missing"]) == set(names)


def test_without_the_library_folder_only_the_index_tells(library):
    library.write("a", "b")
    index_files(["a"])
    shutil.rmtree(library.root)

    assert index_files(["a", "b"]) == {"a"}
