"""Files that cannot be read, or whose disk is not mounted, stay in the index."""

import shutil

import pytest
from django.test import override_settings

from jobs.exceptions import LibraryUnreadable
from jobs.library import scan as scanning
from jobs.library.scan_counts import MAX_PROBLEMS
from jobs.library.scan_state import scan_state
from jobs.models import LibraryScan


def test_files_of_an_unreadable_folder_stay_in_the_index(library, unprivileged):
    library.write("a", "closed/b", "closed/deep/c", "closed.txt", "open/d")
    library.scan()
    (library.root / "closed").chmod(0)
    (library.root / "open" / "d").unlink()

    with unprivileged():
        counts = library.scan()

    assert library.indexed == ["a", "closed.txt", "closed/b", "closed/deep/c"]
    assert (counts.unread, counts.removed, counts.added) == (1, 1, 0)
    assert counts.problems == ["“closed” was not read: Permission denied"]


def test_files_that_may_not_be_inspected_stay_in_the_index(library, unprivileged):
    library.write("listed/a", "listed/b")
    library.scan()
    (library.root / "listed").chmod(0o444)

    with unprivileged():
        counts = library.scan()

    assert library.indexed == ["listed/a", "listed/b"]
    assert (counts.unread, counts.removed) == (2, 0)


def test_all_problems_are_counted_and_some_are_kept(library, unprivileged):
    for number in range(MAX_PROBLEMS + 5):
        (library.root / f"{number}").mkdir(mode=0)

    with unprivileged():
        counts = library.scan()

    assert counts.unread == MAX_PROBLEMS + 5
    assert len(counts.problems) == MAX_PROBLEMS


@pytest.mark.parametrize("missing", ["gone", "a file", "may not be read"])
def test_unreadable_library_is_an_error_and_its_index_stays(library, unprivileged, missing):
    library.write("a", "b/c")
    library.scan()
    if missing == "may not be read":
        library.root.chmod(0)
    else:
        shutil.rmtree(library.root)
        if missing == "a file":
            library.root.write_bytes(b"")

    with unprivileged(), pytest.raises(LibraryUnreadable) as caught:
        library.scan()

    assert str(library.root) in str(caught.value)
    assert library.indexed == ["a", "b/c"]
    assert scan_state().error == str(caught.value)
    assert scan_state().files == 2


def test_mount_point_of_an_unmounted_disk_is_an_error_and_the_index_stays(library):
    library.write("a")
    library.scan()
    LibraryScan.objects.update(device="another one")
    (library.root / "a").unlink()

    with pytest.raises(LibraryUnreadable, match="mounted"):
        library.scan()

    assert library.indexed == ["a"]


def test_library_emptied_on_the_same_disk_is_empty(library):
    library.write("a", "b/c")
    library.scan()
    shutil.rmtree(library.root / "b")
    (library.root / "a").unlink()

    counts = library.scan()

    assert counts.removed == 2
    assert library.indexed == []


def test_no_file_is_removed_if_the_library_disappears_during_the_scan(library, monkeypatch):
    library.write(*(f"{number:03}" for number in range(200)))
    library.scan()
    monkeypatch.setattr(scanning, "_REPORT_EVERY", 10)

    def unmount(counts):
        if library.root.exists():
            library.root.rename(library.root.with_name("elsewhere"))

    for number in range(100, 200):
        (library.root / f"{number:03}").unlink()

    with pytest.raises(LibraryUnreadable, match="disappeared"):
        library.scan(progress=unmount)

    assert len(library.indexed) == 200


def test_data_folder_as_the_library_is_an_error(library):
    library.write("a")

    with override_settings(DATA_DIR=library.root), pytest.raises(LibraryUnreadable, match="data"):
        library.scan()
