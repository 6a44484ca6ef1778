"""The numbers of files: up to date, or cached where counting is slow."""

import pytest

from jobs.library import counts
from jobs.library.queries import list_files
from jobs.models import LibraryFile
from tests.library.factories import add_files

ALL = {"": 9, "unprocessed": 6, "succeeded": 2, "failed": 1}


@pytest.fixture(autouse=True)
def slow(monkeypatch):
    """Every count is slow, and would be cached for hours in a large library."""
    monkeypatch.setattr(counts, "SLOW_SECONDS", -1)
    monkeypatch.setattr(counts, "SHARE", 0.000001)
    monkeypatch.setattr(counts, "_cache", {})


@pytest.mark.parametrize("large", [1, 100_000])
def test_counts_by_status_are_right_in_small_and_large_libraries(library, monkeypatch, large):
    monkeypatch.setattr(counts, "LARGE", large)
    add_files(*"abcdef")
    add_files("g", status="failed")
    add_files("h", "i", status="succeeded")

    assert {status: list_files(status=status)[0] for status in ALL} == ALL


def test_slow_count_is_up_to_date_in_a_small_library(library, monkeypatch):
    # Ids are not used again, so the newest id is an upper bound of the number of files.
    add_files("a")
    monkeypatch.setattr(counts, "LARGE", LibraryFile.objects.get().pk + 2)
    assert numbers() == (1, 1, 1)

    add_files("aa")

    assert numbers() == (2, 2, 2)


def test_slow_count_is_cached_by_search_and_status_in_a_large_library(library, monkeypatch):
    monkeypatch.setattr(counts, "LARGE", 1)
    add_files("a", "aa")
    assert numbers() == (2, 2, 2)

    add_files("aaa")

    assert numbers() == (2, 2, 2)
    assert list_files(search="aa")[0] == 2


def test_cached_count_expires(library, monkeypatch):
    monkeypatch.setattr(counts, "LARGE", 1)
    add_files("a")
    assert numbers() == (1, 1, 1)
    add_files("aa")

    monkeypatch.setattr(counts.time, "monotonic", lambda: float("inf"))

    assert numbers() == (2, 2, 2)


def test_fast_count_is_not_cached(library, monkeypatch):
    monkeypatch.setattr(counts, "LARGE", 1)
    monkeypatch.setattr(counts, "SLOW_SECONDS", 3600)
    add_files("a")
    assert numbers() == (1, 1, 1)

    add_files("aa")

    assert numbers() == (2, 2, 2)


def test_cache_keeps_the_newest_counts(library, monkeypatch):
    monkeypatch.setattr(counts, "LARGE", 1)
    monkeypatch.setattr(counts, "_MAX_CACHED", 2)
    add_files("abc")
    for text in "abc":
        assert list_files(search=text)[0] == 1

    add_files("abc, too")

    assert [list_files(search=text)[0] for text in "cba"] == [1, 1, 2]


def numbers():
    return (
        list_files()[0],
        list_files(search="a")[0],
        list_files(status="unprocessed")[0],
    )
