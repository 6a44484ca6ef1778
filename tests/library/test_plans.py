"""How the database answers the file list: by an index, whatever the size of the library."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jobs.library import searchindex
from jobs.library.queries import list_files
from jobs.models import LibraryFile

FILES = "jobs_libraryfile"


@pytest.fixture
def filled(library, monkeypatch):
    """Files enough for a search to go by a query in the query."""
    monkeypatch.setattr(searchindex, "FEW", 3)
    LibraryFile.objects.bulk_create(
        LibraryFile(
            path=f"folder {number % 7}/file {number:04}",
            size=1,
            mtime_ns=1,
            modified="2024-01-01T00:00:00Z",
            kind="other",
            status="failed" if number % 10 == 0 else "succeeded",
        )
        for number in range(500)
    )
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # So small a table is read as a whole otherwise; here it counts what is possible.
            cursor.execute("SET enable_seqscan = off")
            cursor.execute("ANALYZE")
    return library


def plans(**words):
    """Each statement about files that a page of the list needs, with its plan."""
    with CaptureQueriesContext(connection) as captured:
        assert list_files(**words)[2]
    found = []
    for query in captured.captured_queries:
        statement = query["sql"]
        if FILES not in statement or not statement.startswith("SELECT"):
            continue
        explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
        with connection.cursor() as cursor:
            cursor.execute(f"{explain} {statement.replace('%', '%%')}", [])
            found.append((statement, [str(row[-1]) for row in cursor.fetchall()]))
    assert found
    return found


def reads_all_files(statement, plan):
    """A walk along an index that ends at a LIMIT does not."""
    for step in plan:
        if f"Seq Scan on {FILES}" in step:
            return True
        if f"SCAN {FILES}" in step and not ("USING" in step and "LIMIT" in statement):
            return True
    return False


@pytest.mark.parametrize(
    "words",
    [
        {},
        {"page": 5},
        {"page": 10},
        {"status": "failed"},
        {"status": "succeeded", "page": 3},
        {"search": "file 0123"},
        {"search": "FILE 01"},
        {"search": "file 012", "status": "failed"},
    ],
    ids=str,
)
def test_no_page_of_the_list_reads_all_files(filled, words):
    for statement, plan in plans(**words):
        assert not reads_all_files(statement, plan), (statement, plan)


@pytest.mark.parametrize("words", [{}, {"page": 10}, {"status": "succeeded", "page": 3}], ids=str)
def test_pages_come_in_the_order_of_an_index(filled, words):
    for statement, plan in plans(**words):
        if "LIMIT" in statement:
            assert not any("TEMP B-TREE" in step or "Sort" in step for step in plan), plan


@pytest.mark.parametrize("words", [{}, {"status": "failed"}, {"search": "file 0120"}], ids=str)
def test_a_page_needs_few_statements(filled, words, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        list_files(**words)
