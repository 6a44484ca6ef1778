"""The file list: what it finds, its pages, and that a job gets the same files."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.library import outcomes, queries
from jobs.library.queries import list_files, select_files
from jobs.library.search_index import postgresql, sqlite
from jobs.library.spellings import spellings
from jobs.models import LibraryFile, Outcome, UsedOperation
from tests.library.factories import add_files
from tests.support.factories import set_outcomes

ALPHABET = "aAbB%_\\x0.\"'*- /éÉßſK😀\n\x01"
TEXTS = st.text(ALPHABET, max_size=5)
STATUSES = ("", *Outcome.Status.values)


def folded(text):
    return "".join(char.lower() if char.isascii() else char for char in text)


def expected(search, status=""):
    paths = LibraryFile.objects.values_list("path", flat=True)
    outcomes = dict(Outcome.objects.filter(operation="verify").values_list("path", "status"))
    found = [
        path
        for path in paths
        if any(folded(text) in folded(path) for text in spellings(search))
        and (not status or status == outcomes.get(path, "unprocessed"))
    ]
    return sorted(found, key=str.encode)


def listed(**words):
    count, _, rows = list_files(**words, page_size=1000)
    assert count == len(rows)
    return [row.file.path for row in rows]


def selected(search, status=""):
    files = select_files(search=search, status=status)
    return list(files.values_list("path", flat=True))


@pytest.fixture
def every_way(monkeypatch):
    """Sets limits so small that a small library is searched in every way."""

    def choose(rare, ahead):
        monkeypatch.setattr(sqlite, "RARE", rare)
        monkeypatch.setattr(postgresql, "RARE", rare)
        monkeypatch.setattr(queries, "AHEAD", ahead)

    return choose


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    paths=st.lists(st.text(ALPHABET, min_size=1, max_size=12), max_size=25, unique=True),
    search=TEXTS,
    ways=st.tuples(*[st.sampled_from([0, 3, 1000])] * 2),
    complete=st.booleans(),
)
def test_search_finds_exactly_the_paths_with_the_text(
    library, every_way, paths, search, ways, complete
):
    every_way(*ways)
    LibraryFile.objects.all().delete()
    UsedOperation.objects.all().delete()
    for place, status in enumerate(STATUSES[1:]):
        add_files(*paths[place::3], status=status)
    set_outcomes(LibraryFile.objects.all(), operation="preview", status="failed")
    if complete:
        outcomes.complete()

    for status in STATUSES:
        assert selected(search, status) == expected(search, status)
        assert listed(search=search, status=status) == expected(search, status)


@pytest.mark.parametrize("text", ["\0", "a\0b", "\ud800", "long" * 300])
def test_impossible_text_finds_nothing(library, text):
    add_files("abc", "long")

    assert list_files(search=text) == (0, 1, [])
    assert selected(text) == []


def test_letters_beyond_ascii_are_found_only_as_written(library):
    add_files("Ä/über.txt", "ä/ÜBER.TXT")

    assert listed(search="über") == ["Ä/über.txt"]
    assert listed(search="BER.TXT") == ["Ä/über.txt", "ä/ÜBER.TXT"]


def test_pages_hold_every_file_once_by_path(library):
    add_files(*(f"{number:02}" for number in range(25)))

    pages = [list_files(page=number, page_size=10) for number in (1, 2, 3, 4)]

    assert [(count, pages) for count, pages, _ in pages] == [(25, 3)] * 4
    assert [len(rows) for _, _, rows in pages] == [10, 10, 5, 0]
    paths = [row.file.path for _, _, rows in pages for row in rows]
    assert paths == [f"{number:02}" for number in range(25)]


@pytest.mark.parametrize("ways", [(0, 5), (1000, 5), (0, 1000)])
def test_pages_of_a_search_hold_every_file_once_by_path_in_every_way(library, every_way, ways):
    every_way(*ways)
    add_files(*(f"name {number:02}" for number in range(25)), "other")

    paths = [
        row.file.path
        for page in (1, 2, 3)
        for row in list_files(search="NAME", page=page, page_size=10)[2]
    ]

    assert paths == [f"name {number:02}" for number in range(25)]


@pytest.mark.parametrize("sort", queries.SORTS)
@pytest.mark.parametrize(("status", "few"), [("", 99), ("failed", 99), ("failed", 3)])
def test_pages_hold_every_file_once_in_each_order(library, monkeypatch, sort, status, few):
    monkeypatch.setattr(queries, "SORTED", few)
    for number in range(25):
        add_files(f"{number % 5}/{number:02}", status=("failed", "unprocessed")[number % 2])
    for place, file in enumerate(LibraryFile.objects.order_by("path")):
        file.size, file.kind = place * 7 % 5, ("image", "text")[place % 2]
        file.modified = file.modified.replace(year=2000 + place * 3 % 7)
        file.save()

    pages = [
        [row.file for row in list_files(sort=sort, status=status, page=page, page_size=7)[2]]
        for page in (1, 2, 3, 4)
    ]

    files = [file for page in pages for file in page]
    field = sort.lstrip("-")
    values = [getattr(file, field) for file in files]
    assert values == sorted(values, reverse=sort.startswith("-"))
    assert len({file.pk for file in files}) == list_files(status=status)[0] == len(files)


def test_files_are_chosen_by_kind(library):
    add_files("a", "b", "c", status="failed")
    add_files("d")
    LibraryFile.objects.filter(path__in=["a", "d"]).update(kind="image")

    assert listed(kinds=["image"]) == ["a", "d"]
    assert listed(kinds=["image"], status="failed") == ["a"]
    assert listed(kinds=["image"], status="unprocessed") == ["d"]
    assert listed(kinds=["image", "other"], search="b") == ["b"]
    outcomes.complete()
    assert listed(kinds=["image"], status="unprocessed") == ["d"]


def test_empty_library_has_one_page(library):
    assert list_files() == (0, 1, [])
    assert list_files(search="abc", status="failed", page=3) == (0, 1, [])
