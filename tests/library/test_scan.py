"""A scan makes the index match the disk."""

import os
import uuid

import pytest
from django.db import connection
from django.test import override_settings

from jobs.library import scan as scanning
from jobs.library.disk import FoundFile
from jobs.library.writer import Batch, write
from jobs.models import LibraryFile, Outcome
from jobs.operations.keys import bytes_from_key
from tests.library.factories import add_files
from tests.support.factories import set_outcomes

ODD_NAMES = [
    b"with space",
    b"quotes ' and \".txt",
    b"100% _sure_.txt",
    b"new\nline.txt",
    b"tab\tand\x01control",
    b"invalid \xff\xfe utf-8",
    b"backslash \\xff",
    "emoji 😀.png".encode(),
    "e\u0301 and é".encode(),
    b"x" * 255,
    b"\xff" * 255,
    b"-rf",
    b".hidden",
    b"~",
    b"*",
]


def test_scan_finds_new_changed_and_removed_files(library):
    library.write("a.txt", "sub/b.txt", "sub/c.txt")
    first = library.scan()
    library.write("sub/c.txt", content=b"longer")
    library.write("sub/d.txt")
    (library.root / "a.txt").unlink()

    second = library.scan()

    assert (first.seen, first.added, first.changed, first.removed) == (3, 3, 0, 0)
    assert (second.seen, second.added, second.changed, second.removed) == (3, 1, 1, 1)
    assert library.indexed == ["sub/b.txt", "sub/c.txt", "sub/d.txt"]
    assert LibraryFile.objects.get(path="sub/c.txt").size == 6


def test_file_is_indexed_with_size_time_and_kind(library):
    library.write("sub/picture.JPG", content=b"12345")
    os.utime(library.root / "sub/picture.JPG", ns=(0, 1_700_000_000_123_456_789))

    library.scan()

    file = LibraryFile.objects.get()
    assert (file.size, file.mtime_ns, file.kind) == (5, 1_700_000_000_123_456_789, "image")
    assert file.modified.isoformat() == "2023-11-14T22:13:20.123456+00:00"


def test_changed_file_is_unprocessed_again_and_keeps_its_memory(library):
    library.write("same", "other size", "other time")
    library.scan()
    for operation in ("verify", "preview"):
        set_outcomes(
            LibraryFile.objects.all(),
            operation=operation,
            status="failed",
            message="broken",
            job_id=uuid.uuid4(),
            memory={"size": 1},
        )
    library.write("other size", content=b"more")
    os.utime(library.root / "other time", ns=(0, 5))

    counts = library.scan()

    assert counts.changed == 2
    assert Outcome.objects.count() == 6
    for outcome in Outcome.objects.all():
        unchanged = outcome.path == "same"
        assert outcome.status == ("failed" if unchanged else "unprocessed")
        assert outcome.message == ("broken" if unchanged else "")
        assert (outcome.job_id is not None) == unchanged
        assert outcome.memory == {"size": 1}


def test_scan_of_unchanged_files_writes_none_of_their_rows(library, django_assert_max_num_queries):
    library.write(*(f"{number}.txt" for number in range(300)))
    library.scan()

    # The lock, one page of the index, the removed files, the used operations, and the record of
    # this scan.
    with django_assert_max_num_queries(21) as queries:
        library.scan()

    written = [query["sql"] for query in queries if '"jobs_libraryfile"' in query["sql"]]
    assert all(statement.startswith("SELECT") for statement in written)


def test_odd_names_of_files_and_folders_are_indexed_once(library):
    names = ODD_NAMES + [b"in " + name[:200] + b"/" + name for name in ODD_NAMES]
    library.write(*names)

    first, second = library.scan(), library.scan()

    assert (first.added, second.added, second.removed, second.changed) == (len(names), 0, 0, 0)
    assert sorted(map(bytes_from_key, library.indexed)) == sorted(names)


TIMES = {
    "far past": -(10**18),
    "before any calendar": -(10**20),
    "just before 1970": -1,
    "no float": 1_700_000_000_123_456_789,
    "64 bits": 2**63 - 1,
    "after 2262": 2**63,
    "no float after 2262": 10_413_792_000_123_456_789,
    "ext4 ends": 15_032_385_535_999_999_999,
    "year 9999": 253_402_300_799_999_999_999,
    "after any calendar": 10**24 + 1,
}


def test_every_time_that_a_file_system_gives_is_indexed_exactly_and_unchanged(library):
    library.write(*TIMES)
    given = {}
    for name, ns in TIMES.items():
        os.utime(library.root / name, ns=(0, ns))
        given[name] = (library.root / name).stat().st_mtime_ns

    library.scan()

    assert dict(LibraryFile.objects.values_list("path", "mtime_ns")) == given
    assert library.scan().changed == 0


def test_every_time_is_stored_exactly_whatever_the_file_system(library):
    write(Batch(add=[FoundFile(name, 1, ns) for name, ns in TIMES.items()]))

    assert dict(LibraryFile.objects.values_list("path", "mtime_ns")) == TIMES
    years = {file.path: file.modified.year for file in LibraryFile.objects.all()}
    assert years["far past"] == 1938
    assert years["after 2262"] == 2262
    assert years["before any calendar"] == 1
    assert years["after any calendar"] == years["year 9999"] == 9999


def test_many_files_are_indexed_in_several_batches_and_pages(library, monkeypatch):
    monkeypatch.setattr(scanning, "PAGE", 7)
    names = [f"{number % 10}/{number}" for number in range(500)]
    library.write(*names)
    library.scan()
    for name in names[::3]:
        (library.root / name).unlink()
    for name in names[1::3]:
        os.utime(library.root / name, ns=(0, 1))
    library.write(*(f"{name} new" for name in names))

    counts = library.scan()

    assert (counts.removed, counts.changed, counts.added) == (167, 167, 500)
    kept = [name for place, name in enumerate(names) if place % 3]
    assert library.indexed == sorted(kept + [f"{name} new" for name in names])


def test_progress_is_reported_with_the_counts_so_far(library):
    library.write(*(f"{number}" for number in range(250)))
    reports: list[tuple[int, int]] = []

    library.scan(progress=lambda now: reports.append((now.seen, now.added)))

    assert reports[-1] == (250, 250)
    assert reports == sorted(reports)
    assert len(reports) > 1


def test_next_scan_completes_an_aborted_one(library):
    library.write(*(f"{number:03}" for number in range(1000)))

    class Aborted(BaseException):
        pass

    def abort(counts):
        if counts.added:
            raise Aborted

    with pytest.raises(Aborted):
        library.scan(progress=abort)
    after_abort = len(library.indexed)
    counts = library.scan()

    assert 0 < after_abort < 1000
    assert counts.added == 1000 - after_abort
    assert len(library.indexed) == 1000


def test_file_indexed_after_its_folder_was_listed_stays(library, monkeypatch):
    library.write("a", "b", "d")
    monkeypatch.setattr(scanning, "_REPORT_EVERY", 1)

    def copy_a_file(counts):
        if counts.seen == 1 and not (library.root / "c").exists():
            library.write("c")
            add_files("c")

    monkeypatch.setattr(scanning, "PAGE", 1)
    library.scan()
    counts = library.scan(progress=copy_a_file)

    assert library.indexed == ["a", "b", "c", "d"]
    assert counts.removed == 0


def test_data_folder_inside_the_library_is_not_indexed(library):
    inside = library.root / "sub" / "data"
    library.write("a", "sub/b", "sub/data/db.sqlite3", "sub/data/outputs/c")

    with override_settings(DATA_DIR=inside):
        counts = library.scan()

    assert library.indexed == ["a", "sub/b"]
    assert counts.seen == 2


def test_library_root_may_be_a_link(library):
    library.write("a", "b/c")
    link = library.root.with_name("link")
    link.symlink_to(library.root)

    with override_settings(LIBRARY_ROOT=link):
        library.scan()

    assert library.indexed == ["a", "b/c"]


def test_debug_mode_does_not_keep_the_statements_of_a_scan(library, settings):
    settings.DEBUG = True
    library.write(*(f"{number}" for number in range(1000)))

    assert library.scan().added == 1000

    assert sum(len(query["sql"]) for query in connection.queries) < 5_000
