"""Files that were moved or renamed keep what is known of them."""

import hashlib
import os
import shutil
import uuid

import pytest

from jobs.library import moved
from jobs.library.scan_state import scan_state
from jobs.models import LibraryFile, Outcome, RemovedFile
from tests.support.factories import outcome_of, set_outcomes

JOB = uuid.uuid4()


def verified(*paths):
    """As after `verify`: the content of these files is known by its checksum."""
    from jobs.conf import conf

    for file in LibraryFile.objects.filter(path__in=paths):
        content = (conf.library_root / file.path).read_bytes()
        memory = {
            "sha256": hashlib.sha256(content).hexdigest(),
            "size": file.size,
            "mtime_ns": file.mtime_ns,
        }
        message = f"of {file.path}"
        set_outcomes([file], status="failed", message=message, job_id=JOB, memory=memory)


def messages():
    paths = LibraryFile.objects.values_list("path", flat=True)
    return {path: outcome_of(path).message for path in paths}


def test_renamed_file_carries_its_outcome_and_memory_along(library):
    library.write("old/a.jpg", "stays")
    library.scan()
    verified("old/a.jpg")
    before = Outcome.objects.values().get()
    (library.root / "new").mkdir()
    (library.root / "old/a.jpg").rename(library.root / "new/b.png")

    counts = library.scan()

    assert (counts.moved, counts.removed, counts.added) == (1, 0, 1)
    after = Outcome.objects.values().get(file__path="new/b.png")
    assert after | {"path": "", "file_id": 0} == before | {"path": "", "file_id": 0}
    assert after["path"] == "new/b.png"
    assert library.indexed == ["new/b.png", "stays"]
    assert scan_state().moved == 1
    assert library.scan().moved == 0


def test_renamed_folder_is_no_question_and_its_files_are_moved(library):
    names = [f"old/{number:02}" for number in range(30)]
    for name in names:
        library.write(name, content=name.encode())
    library.scan()
    verified(*names)
    (library.root / "old").rename(library.root / "new")

    counts = library.scan()

    assert (counts.moved, counts.held_back, counts.removed) == (30, 0, 0)
    assert messages() == {name.replace("old", "new"): f"of {name}" for name in names}


def test_copy_to_another_disk_with_a_new_time_is_moved(library):
    library.write("a", "stays", content=b"content")
    library.scan()
    verified("a")
    shutil.copy(library.root / "a", library.root / "b")
    os.utime(library.root / "b", ns=(0, 5))
    (library.root / "a").unlink()

    assert library.scan().moved == 1
    assert messages()["b"] == "of a"


def test_file_that_is_found_again_after_its_removal_is_moved(library):
    library.write("a", "stays", content=b"content")
    library.scan()
    verified("a")
    (library.root / "a").rename(library.root.parent / "outside")
    assert library.scan().removed == 1
    (library.root.parent / "outside").rename(library.root / "b")

    assert library.scan().moved == 1
    assert messages()["b"] == "of a"
    assert not RemovedFile.objects.exists()


def test_another_file_of_the_same_size_and_time_is_not_taken_for_a_moved_one(library):
    library.write("a", "stays", content=b"one")
    library.scan()
    verified("a")
    status = (library.root / "a").stat()
    (library.root / "a").unlink()
    library.write("b", content=b"two")
    os.utime(library.root / "b", ns=(0, status.st_mtime_ns))

    counts = library.scan()

    assert (counts.moved, counts.removed, counts.added) == (0, 1, 1)
    assert messages()["b"] == ""


@pytest.mark.parametrize("memory", [None, {"sha256": "?", "size": 9, "mtime_ns": 9}])
def test_file_whose_checksum_is_unknown_is_gone_and_new(library, memory):
    library.write("a", "stays")
    library.scan()
    set_outcomes(LibraryFile.objects.filter(path="a"), status="failed", memory=memory)
    (library.root / "a").rename(library.root / "b")

    counts = library.scan()

    assert (counts.moved, counts.removed) == (0, 1)
    assert not Outcome.objects.filter(file__path="b").exists()


def test_copy_of_a_file_that_is_still_there_is_a_new_file(library):
    library.write("a")
    library.scan()
    verified("a")
    shutil.copy2(library.root / "a", library.root / "b")

    assert library.scan().moved == 0
    assert messages() == {"a": "of a", "b": ""}


def test_equal_files_are_moved_each_to_one_by_name(library):
    library.write("one/a", "two/b", "stays", content=b"same")
    library.scan()
    verified("one/a", "two/b")
    (library.root / "three").mkdir()
    (library.root / "one/a").rename(library.root / "three/a")
    (library.root / "two/b").rename(library.root / "three/b")
    library.write("three/0", content=b"same")

    library.scan()

    found = messages()
    assert sorted(found.values()) == ["", "", "of one/a", "of two/b"]


def test_file_that_was_processed_meanwhile_keeps_its_own_outcome(library):
    library.write("a", "stays")
    library.scan()
    verified("a")
    (library.root / "a").rename(library.root / "b")

    def process(counts):
        files = LibraryFile.objects.filter(path="b")
        set_outcomes(files, status="succeeded", message="own")

    library.scan(progress=process)

    assert messages()["b"] == "own"
    assert "a" not in library.indexed


def test_next_scan_compares_what_one_had_no_time_for(library, monkeypatch):
    library.write("a", "stays")
    library.scan()
    verified("a")
    (library.root / "a").rename(library.root / "b")
    monkeypatch.setattr(moved, "MAX_SECONDS", -1.0)
    assert library.scan().moved == 0
    monkeypatch.undo()

    assert library.scan().moved == 1
    assert messages()["b"] == "of a"
