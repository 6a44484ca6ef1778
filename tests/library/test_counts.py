"""The numbers of files: kept where that is cheap, counted in the quicker way, and right."""

import pytest
from django.core.management.color import no_style
from django.db import connection

from jobs.library import counts, filecount
from jobs.library.queries import list_files
from jobs.models import LibraryFile
from tests.library.rows import add, candidates

STATUSES = ("", *LibraryFile.Status.values)


def test_the_number_of_files_is_kept_whoever_adds_and_removes_them(library):
    library.write("a", "b", "c")
    library.scan()
    add("d", "e")
    add("f")
    LibraryFile.objects.get(path="d").delete()
    LibraryFile.objects.filter(path__in=["e", "f", "missing"]).delete()
    LibraryFile.objects.update(status="failed")

    assert filecount.total(connection) == 3 == list_files()[0]

    (library.root / "a").unlink()
    library.scan()
    assert filecount.total(connection) == 2

    with connection.cursor() as cursor:
        cursor.execute(connection.ops.sql_flush(no_style(), ["jobs_libraryfile"])[0])
    assert filecount.total(connection) == 0
    assert candidates("abc") == 0


def test_a_number_that_is_not_kept_is_counted_and_mended_by_a_scan(library):
    add("a", "b")
    filecount.uninstall(connection)
    add("c")
    assert list_files()[0] == 3
    assert filecount.total(connection) is None

    library.write("a", "new")
    library.scan()

    assert filecount.total(connection) == 2


def test_a_count_that_takes_long_is_kept_in_a_large_library(library, monkeypatch):
    monkeypatch.setattr(counts, "SLOW_SECONDS", -1)
    monkeypatch.setattr(counts, "SHARE", 0.000001)

    def numbers():
        return list_files(search="a")[0], list_files(status="unprocessed")[0]

    add("a")
    assert numbers() == (1, 1)
    add("aa")
    assert numbers() == (2, 2)
    monkeypatch.setattr(counts, "LARGE", 1)
    assert numbers() == (2, 2)
    add("aaa")

    assert numbers() == (2, 2)
    assert list_files(search="aa")[0] == 2
    monkeypatch.setattr(counts, "_kept", {})
    assert numbers() == (3, 3)


@pytest.mark.parametrize("sample", [1, 2, 1000])
def test_files_of_a_status_are_counted_whichever_way_is_quicker(library, monkeypatch, sample):
    monkeypatch.setattr(counts, "LARGE", 0)
    monkeypatch.setattr(counts, "SAMPLE", sample)
    add("a", "b", "c", "d", "e", "f")
    add("g", status="failed")
    add("h", "i", status="succeeded")
    LibraryFile.objects.filter(path__in=["a", "f"]).delete()

    assert {status: list_files(status=status)[0] for status in STATUSES} == {
        "": 7,
        "unprocessed": 4,
        "succeeded": 2,
        "failed": 1,
    }
