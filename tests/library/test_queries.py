"""The file list: what it finds, how it is paged, and that a job gets the same files."""

import uuid

import pytest
from django.core.management.color import no_style
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.library import counts, filecount, queries, searchindex
from jobs.library.queries import list_files, select_files
from jobs.models import LibraryFile

ALPHABET = "aAbB%_\\x0.\"'*- /éÉßſK😀\n\x01"
TEXTS = st.text(ALPHABET, max_size=5)
STATUSES = ("", *LibraryFile.Status.values)


def add(*paths, status="unprocessed"):
    LibraryFile.objects.bulk_create(
        LibraryFile(
            path=path,
            size=1,
            mtime_ns=1,
            modified="2024-01-01T00:00:00Z",
            kind="other",
            status=status,
        )
        for path in paths
    )


def folded(text):
    return "".join(char.lower() if char.isascii() else char for char in text)


def expected(search, status=""):
    rows = LibraryFile.objects.values_list("path", "status")
    found = [
        path
        for path, its_status in rows
        if folded(search) in folded(path) and (not status or status == its_status)
    ]
    return sorted(found, key=str.encode)


def listed(**words):
    count, _, rows = list_files(**words, page_size=1000)
    assert count == len(rows)
    return [row.path for row in rows]


def selected(search, status=""):
    files = select_files(search=search, status=status).order_by("path")
    return list(files.values_list("path", flat=True))


@pytest.fixture
def every_way(monkeypatch):
    """Makes the limits so small that a small library is searched in every way there is."""

    def choose(few, sparse, ahead):
        monkeypatch.setattr(searchindex, "FEW", few)
        monkeypatch.setattr(searchindex, "SPARSE", {"sqlite": sparse, "postgresql": sparse})
        monkeypatch.setattr(queries, "AHEAD", ahead)

    return choose


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    paths=st.lists(st.text(ALPHABET, min_size=1, max_size=12), max_size=25, unique=True),
    search=TEXTS,
    ways=st.tuples(*[st.sampled_from([0, 3, 1000])] * 3),
)
def test_a_search_finds_all_paths_with_the_text_and_no_other(
    library, every_way, paths, search, ways
):
    every_way(*ways)
    LibraryFile.objects.all().delete()
    for place, path in enumerate(paths):
        add(path, status=STATUSES[1 + place % 3])

    for status in STATUSES:
        assert selected(search, status) == expected(search, status)
        assert listed(search=search, status=status) == expected(search, status)


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "long" * 300])
def test_a_text_that_no_path_can_have_finds_nothing(library, text):
    add("abc", "long")

    assert list_files(search=text) == (0, 1, [])
    assert selected(text) == []


def test_letters_beyond_ascii_are_found_as_they_are_written(library):
    add("Ä/über.txt", "ä/ÜBER.TXT")

    assert listed(search="über") == ["Ä/über.txt"]
    assert listed(search="BER.TXT") == ["Ä/über.txt", "ä/ÜBER.TXT"]


def test_pages_hold_every_file_once_by_path(library):
    add(*(f"{number:02}" for number in range(25)))

    pages = [list_files(page=number, page_size=10) for number in (1, 2, 3, 4)]

    assert [(count, pages) for count, pages, _ in pages] == [(25, 3)] * 4
    assert [len(rows) for _, _, rows in pages] == [10, 10, 5, 0]
    paths = [row.path for _, _, rows in pages for row in rows]
    assert paths == [f"{number:02}" for number in range(25)]


@pytest.mark.parametrize("ways", [(0, 0, 5), (0, 1000, 5), (1000, 1000, 5), (0, 0, 1000)])
def test_pages_of_a_search_hold_every_file_once_by_path(library, every_way, ways):
    every_way(*ways)
    add(*(f"name {number:02}" for number in range(25)), "other")

    paths = [
        row.path
        for page in (1, 2, 3)
        for row in list_files(search="NAME", page=page, page_size=10)[2]
    ]

    assert paths == [f"name {number:02}" for number in range(25)]


def test_an_empty_library_has_one_page(library):
    assert list_files() == (0, 1, [])
    assert list_files(search="abc", status="failed", page=3) == (0, 1, [])


def test_the_search_index_follows_every_change_of_a_path(library):
    add("first", "second", "third")
    file = LibraryFile.objects.get(path="second")
    file.path = "renamed"
    file.save()
    LibraryFile.objects.filter(path="third").update(path="also renamed")
    LibraryFile.objects.get(path="first").delete()
    LibraryFile.objects.bulk_create(
        [LibraryFile(path="renamed", size=2, mtime_ns=1, modified=file.modified, kind="other")],
        ignore_conflicts=True,
    )

    for text in ("first", "second", "third"):
        assert candidates(text) == 0
    assert listed(search="renamed") == ["also renamed", "renamed"]
    assert candidates("renamed") == 2


def test_a_change_of_status_does_not_touch_the_search_index(library):
    add("first", "second")
    before = index_bytes()

    LibraryFile.objects.update(status="failed", message="no", last_job_id=uuid.uuid4())
    LibraryFile.objects.filter(path="first").update(memory={"verify": 1}, size=7)

    assert index_bytes() == before
    assert candidates("first") == 1


def test_files_are_found_without_the_search_index(library):
    if library.setup != "sqlite":
        # There the index needs nothing that a server may lack.
        assert searchindex.is_installed(connection)
        return
    add("first", "second")
    searchindex.uninstall(connection)

    assert listed(search="FIRST") == ["first"]
    assert selected("irs") == ["first"]


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


def test_a_scan_makes_a_lost_search_index_anew(library):
    if library.setup == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("DROP TRIGGER jobs_filesearch_add")
    else:
        searchindex.uninstall(connection)
    library.write("first", "second")
    library.scan()

    assert searchindex.is_installed(connection)
    assert candidates("first") == 1


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


def candidates(text):
    sql, parameters = searchindex.condition(connection, text)
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return len(cursor.fetchall())


def index_bytes():
    table = "jobs_filesearch_data" if connection.vendor == "sqlite" else "jobs_filesearch"
    extra = ", ctid, xmin" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT *{extra} FROM {table} ORDER BY 1")
        return cursor.fetchall()
