"""The file list: what it finds, how it is paged, and that a job gets the same files."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.library import queries, searchindex
from jobs.library.queries import list_files, select_files
from jobs.models import LibraryFile
from tests.library.rows import add

ALPHABET = "aAbB%_\\x0.\"'*- /éÉßſK😀\n\x01"
TEXTS = st.text(ALPHABET, max_size=5)
STATUSES = ("", *LibraryFile.Status.values)


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
