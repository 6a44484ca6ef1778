"""What becomes of missing files: held back if they are many, remembered, given back."""

import uuid
from datetime import timedelta

import pytest
from django.db.models import F
from django.test import override_settings

from jobs.library.on_demand import index_missing
from jobs.library.scan_state import scan_state
from jobs.models import LibraryFile, Outcome, RemovedFile
from tests.support.factories import outcome_of, set_outcomes

JOB = uuid.uuid4()


def remember():
    """Give all files of the index an outcome, and a memory of their content."""
    for file in LibraryFile.objects.all():
        memory = {"size": file.size, "mtime_ns": file.mtime_ns, "sha256": "0" * 64}
        set_outcomes([file], status="failed", message="broken", job_id=JOB, memory=memory)


def kept():
    """How many files of the index have the outcome of `remember`."""
    return Outcome.objects.filter(file__isnull=False, status="failed", job_id=JOB).count()


def known(path):
    """All outcomes of a file of the index, by operation."""
    rows = Outcome.objects.filter(file__path=path).order_by("operation").values()
    return [row | {"id": 0, "file_id": 0} for row in rows]


def delete(library, *names):
    for name in names:
        (library.root / name).unlink()


@pytest.mark.parametrize(
    ("files", "missing", "held_back"), [(30, 16, 16), (30, 15, 0), (21, 11, 11), (20, 20, 0)]
)
def test_over_half_of_a_library_of_over_20_files_is_held_back(library, files, missing, held_back):
    names = [f"{number:02}" for number in range(files)]
    library.write(*names)
    library.scan()
    delete(library, *names[:missing])

    counts = library.scan()

    assert (counts.known, counts.held_back, counts.removed) == (
        files,
        held_back,
        missing - held_back,
    )
    assert len(library.indexed) == files - counts.removed
    assert (scan_state().held_back, scan_state().known) == (held_back, files)


def test_held_back_files_stay_as_they_are_until_their_removal_is_accepted(library):
    names = [f"{number:02}" for number in range(30)]
    library.write(*names)
    library.scan()
    remember()
    delete(library, *names[:20])
    library.scan()

    assert kept() == 30
    assert not RemovedFile.objects.exists()
    assert library.scan(accept_removals=True).removed == 20
    assert (len(library.indexed), scan_state().held_back) == (10, 0)


def test_held_back_files_that_are_there_again_are_no_question_any_more(library):
    names = [f"{number:02}" for number in range(30)]
    library.write(*names)
    library.scan()
    (library.root / "away").mkdir()
    library.root.rename(library.root.with_name("moved"))
    library.root.mkdir()
    library.scan()
    assert scan_state().held_back == 30
    library.root.rmdir()
    library.root.with_name("moved").rename(library.root)

    counts = library.scan()

    assert (counts.held_back, counts.changed, counts.added) == (0, 0, 0)
    assert scan_state().held_back == 0


def test_another_library_folder_replaces_the_files_without_a_question(library, tmp_path):
    library.write(*(f"{number:02}" for number in range(30)))
    library.scan()
    remember()
    another = tmp_path / "another"
    another.mkdir()
    (another / "a").write_bytes(b"x")

    with override_settings(LIBRARY_ROOT=another):
        counts = library.scan()

    assert (counts.removed, counts.held_back) == (30, 0)
    assert library.indexed == ["a"]
    assert library.scan().added == 30
    assert kept() == 30


def test_a_link_to_the_library_is_the_same_folder(library, tmp_path):
    names = [f"{number:02}" for number in range(30)]
    library.write(*names)
    library.scan()
    delete(library, *names[:20])
    link = tmp_path / "link"
    link.symlink_to(library.root)

    with override_settings(LIBRARY_ROOT=link):
        assert library.scan().held_back == 20


@pytest.mark.parametrize("by", ["a scan", "a job"])
def test_file_that_comes_back_has_its_outcome_and_memory(library, by):
    library.write("a", "b")
    library.scan()
    remember()
    set_outcomes(LibraryFile.objects.filter(path="a"), operation="preview", status="succeeded")
    before = known("a")
    (library.root / "a").rename(library.root.parent / "a")
    assert library.scan().removed == 1
    (library.root.parent / "a").rename(library.root / "a")

    if by == "a scan":
        assert library.scan().added == 1
    else:
        index_missing(["a"])

    assert known("a") == before
    assert not RemovedFile.objects.exists()


def test_file_that_comes_back_changed_is_unprocessed_and_has_its_memory(library):
    library.write("a", "b")
    library.scan()
    remember()
    delete(library, "a")
    library.scan()
    library.write("a", content=b"other")

    library.scan()

    outcome = outcome_of("a")
    assert (outcome.status, outcome.message, outcome.job_id) == ("unprocessed", "", None)
    assert outcome.memory["size"] == 1


def test_removed_file_is_forgotten_after_its_days(library):
    library.write("a", "b", "never processed")
    library.scan()
    remember()
    Outcome.objects.filter(path="never processed").update(status="unprocessed", memory=None)
    delete(library, "a", "never processed")
    library.scan()
    assert RemovedFile.objects.get().path == "a"
    RemovedFile.objects.update(removed_at=F("removed_at") - timedelta(days=89))
    library.scan()
    assert RemovedFile.objects.exists()
    RemovedFile.objects.update(removed_at=F("removed_at") - timedelta(days=2))

    library.scan()

    assert not RemovedFile.objects.exists()


def test_removed_file_is_forgotten_at_once_with_0_days(library):
    library.write("a", "b")
    library.scan()
    remember()
    delete(library, "a")

    with override_settings(JOBS_REMEMBER_DAYS=0):
        assert library.scan().removed == 1

    assert not RemovedFile.objects.exists()


def test_outcome_that_a_worker_writes_during_the_scan_is_remembered(library, monkeypatch):
    library.write("a", "b")
    library.scan()
    delete(library, "a")

    def finish(counts):
        files = LibraryFile.objects.filter(path="a")
        set_outcomes(files, status="failed", message="not there")

    library.scan(progress=finish)

    assert RemovedFile.objects.get().outcomes.get().message == "not there"


def test_aborted_scan_leaves_no_held_file_behind(library):
    library.write(*(f"{number:03}" for number in range(300)))
    library.scan()
    delete(library, *(f"{number:03}" for number in range(100)))

    def abort(counts):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.scan(progress=abort)
    assert len(library.indexed) == 300
    library.write("000")

    counts = library.scan()

    assert (counts.removed, counts.changed) == (99, 1)
    assert len(library.indexed) == 201
