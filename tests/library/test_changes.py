"""What has happened to a job's files since it was made."""

import os
import shutil

import pytest

from jobs import services
from jobs.exceptions import LibraryUnreadable
from jobs.library import changes as looking
from jobs.library.changes import changes
from jobs.models import JobItem, LibraryFile


@pytest.fixture
def job(library):
    """Of 40 files; the last ten have failed."""
    names = [f"{number:02}" for number in range(40)]
    library.write(*names)
    for name in names:
        os.utime(library.root / name, ns=(0, 10**18))
    library.scan()
    job = services.start_job("verify", all=True)
    JobItem.objects.filter(job=job, position__gte=30).update(status="failed")
    return job


def test_unchanged_files(library, job):
    found = changes(job, ["pending", "failed"])

    assert (found.checked, found.complete, found.count) == (40, True, 0)
    assert found.examples == []


def test_files_that_changed_or_vanished(library, job):
    library.write("00", content=b"longer")
    os.utime(library.root / "01", ns=(0, 5))
    (library.root / "02").unlink()
    (library.root / "03").rename(library.root / "moved")
    library.write("35", content=b"mended")

    found = changes(job, ["pending"])

    assert (found.checked, found.changed, found.vanished, found.count) == (30, 2, 2, 4)
    assert found.examples == [
        ("00", "changed"),
        ("01", "changed"),
        ("02", "vanished"),
        ("03", "vanished"),
    ]
    assert changes(job, ["failed"]).examples == [("35", "changed")]


def test_a_change_that_a_scan_has_seen_already_counts_too(library, job):
    library.write("00", content=b"longer")
    (library.root / "01").unlink()
    library.scan()

    found = changes(job, ["pending"])

    assert found.examples == [("00", "changed"), ("01", "vanished")]


def test_of_very_many_files_a_sample_is_looked_at(library, job, monkeypatch):
    monkeypatch.setattr(looking, "LIMIT", 8)
    monkeypatch.setattr(looking, "_GROUP", 2)
    shutil.rmtree(library.root)
    library.root.mkdir()

    found = changes(job, ["pending", "failed"])

    assert (found.checked, found.complete, found.vanished) == (8, False, 8)
    assert [path for path, _ in found.examples] == ["00", "01", "10", "11", "20", "21", "30", "31"]


def test_it_ends_after_some_time_and_says_so(library, job, monkeypatch):
    monkeypatch.setattr(looking, "SECONDS", 0)
    monkeypatch.setattr(looking, "_GROUP", 5)

    found = changes(job, ["pending"])

    assert (found.checked, found.complete) == (5, False)


def test_examples_are_few(library, job):
    for number in range(30):
        (library.root / f"{number:02}").unlink()

    found = changes(job, ["pending"])

    assert (found.vanished, len(found.examples)) == (30, looking.EXAMPLES)


def test_items_that_are_no_files_count_for_nothing(library, job):
    JobItem.objects.filter(job=job).update(file_id=None)

    assert changes(job, ["pending"]).checked == 0


def test_without_the_library_nothing_can_be_told(library, job):
    shutil.rmtree(library.root)

    with pytest.raises(LibraryUnreadable):
        changes(job, ["pending"])


def test_a_file_is_compared_although_its_row_is_gone(library, job):
    LibraryFile.objects.all().delete()

    found = changes(job, ["pending"])

    assert (found.checked, found.count) == (30, 0)
