"""What has happened to the files of a job since it was created."""

import os
import shutil

import pytest

from jobs import services
from jobs.exceptions import LibraryUnreadable
from jobs.library import drift
from jobs.library.drift import ItemFile, find_drift, has_drifted
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


def test_unchanged_files_are_no_drift(library, job):
    found = find_drift(job, ["pending", "failed"])

    assert (found.checked, found.complete, found.count) == (40, True, 0)
    assert found.examples == []


def test_changed_and_vanished_files_are_counted_by_status(library, job):
    library.write("00", content=b"longer")
    os.utime(library.root / "01", ns=(0, 5))
    (library.root / "02").unlink()
    (library.root / "03").rename(library.root / "moved")
    library.write("35", content=b"repaired")

    found = find_drift(job, ["pending"])

    assert (found.checked, found.changed, found.vanished, found.count) == (30, 2, 2, 4)
    assert found.examples == [
        ("00", "changed"),
        ("01", "changed"),
        ("02", "vanished"),
        ("03", "vanished"),
    ]
    assert find_drift(job, ["failed"]).examples == [("35", "changed")]


def test_change_counts_after_a_scan_has_indexed_it(library, job):
    library.write("00", content=b"longer")
    (library.root / "01").unlink()
    library.scan()

    found = find_drift(job, ["pending"])

    assert found.examples == [("00", "changed"), ("01", "vanished")]


def test_items_of_version_0_2_0_are_compared_with_the_index_and_the_start_of_the_job(library, job):
    JobItem.objects.filter(job=job).update(size=None, mtime_ns=None)
    assert find_drift(job, ["pending"]).count == 0
    library.write("00", content=b"longer")
    os.utime(library.root / "01", ns=(0, 5))
    (library.root / "02").unlink()
    expected = [("00", "changed"), ("01", "changed"), ("02", "vanished")]
    assert find_drift(job, ["pending"]).examples == expected
    items = [
        ItemFile(f"0{n}", JobItem.objects.get(job=job, position=n).file_id, None, None)
        for n in range(4)
    ]
    assert has_drifted(job, items) == [True, True, True, False]
    library.scan()
    assert find_drift(job, ["pending"]).examples == [("00", "changed"), ("02", "vanished")]


def test_large_job_is_checked_by_an_even_sample(library, job, monkeypatch):
    monkeypatch.setattr(drift, "MAX_FILES", 8)
    monkeypatch.setattr(drift, "_PAGE", 2)
    shutil.rmtree(library.root)
    library.root.mkdir()

    found = find_drift(job, ["pending", "failed"])

    assert (found.checked, found.complete, found.vanished) == (8, False, 8)
    assert [path for path, _ in found.examples] == ["00", "01", "10", "11", "20", "21", "30", "31"]


def test_check_ends_after_its_time_and_is_incomplete(library, job, monkeypatch):
    monkeypatch.setattr(drift, "MAX_SECONDS", 0)
    monkeypatch.setattr(drift, "_PAGE", 5)

    found = find_drift(job, ["pending"])

    assert (found.checked, found.complete) == (5, False)


def test_number_of_examples_is_limited(library, job):
    for number in range(30):
        (library.root / f"{number:02}").unlink()

    found = find_drift(job, ["pending"])

    assert (found.vanished, len(found.examples)) == (30, drift.MAX_EXAMPLES)


def test_items_without_a_library_file_are_not_counted(library, job):
    JobItem.objects.filter(job=job).update(file_id=None)

    assert find_drift(job, ["pending"]).checked == 0


def test_missing_library_folder_is_an_error(library, job):
    shutil.rmtree(library.root)

    with pytest.raises(LibraryUnreadable):
        find_drift(job, ["pending"])


def test_file_without_an_index_row_is_compared_with_what_the_index_held(library, job):
    LibraryFile.objects.all().delete()
    library.write("00", content=b"longer")

    found = find_drift(job, ["pending"])

    assert (found.checked, found.examples) == (30, [("00", "changed")])


@pytest.mark.parametrize("ns", [4 * 10**18, 2**63 + 10**9, -1, 1_700_000_000_123_456_789])
def test_file_with_an_odd_time_has_not_changed_since_the_job(library, ns):
    library.write("ahead of now")
    os.utime(library.root / "ahead of now", ns=(0, ns))
    library.scan()
    job = services.start_job("verify", files=["ahead of now"])

    assert find_drift(job, ["pending"]).count == 0
    os.utime(library.root / "ahead of now", ns=(0, ns + 1))
    assert find_drift(job, ["pending"]).changed == 1


def test_file_that_was_changed_before_the_job_and_scanned_after_it_has_changed(library, job):
    """The job was made of what the index held, whatever the clocks say."""
    library.write("00", content=b"longer")
    os.utime(library.root / "00", ns=(0, 5))
    library.scan()

    assert find_drift(job, ["pending"]).examples == [("00", "changed")]
