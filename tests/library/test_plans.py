"""The query plans of the file list: each page comes from an index, in a library of any size.

The number of all files is counted, and cached where that is slow: see `test_counts`.
"""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from jobs.library.queries import list_files
from tests.library.factories import add_files

FILES = "jobs_libraryfile"
TOTAL = f'SELECT COUNT(*) AS "__count" FROM "{FILES}"'


@pytest.fixture
def filled(library):
    """500 files, a tenth of them failed."""
    paths = [f"folder {number % 7}/file {number:04}" for number in range(500)]
    add_files(*paths[::10], status="failed")
    add_files(*(path for place, path in enumerate(paths) if place % 10), status="succeeded")
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # Otherwise so small a table is read as a whole.
            cursor.execute("SET enable_seqscan = off")
            cursor.execute("ANALYZE")
    return library


def plans(**words):
    """Each statement about files for one page of the list, except TOTAL, with its plan."""
    with CaptureQueriesContext(connection) as captured:
        assert list_files(**words)[2]
    found = []
    for query in captured.captured_queries:
        statement = query["sql"]
        if FILES not in statement or not statement.startswith("SELECT") or statement == TOTAL:
            continue
        explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
        with connection.cursor() as cursor:
            cursor.execute(f"{explain} {statement.replace('%', '%%')}", [])
            found.append((statement, [str(row[-1]) for row in cursor.fetchall()]))
    assert found
    return found


def reads_all_files(statement, plan):
    """Return False for a walk along an index that ends at a LIMIT."""
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
def test_page_of_the_list_does_not_read_all_files(filled, words):
    for statement, plan in plans(**words):
        assert not reads_all_files(statement, plan), (statement, plan)


@pytest.mark.parametrize("words", [{}, {"page": 10}, {"status": "succeeded", "page": 3}], ids=str)
def test_page_without_a_search_needs_no_sorting(filled, words):
    for statement, plan in plans(**words):
        if "LIMIT" in statement:
            assert not any("TEMP B-TREE" in step or "Sort" in step for step in plan), plan


@pytest.mark.parametrize("words", [{}, {"status": "failed"}, {"search": "file 0120"}], ids=str)
def test_page_needs_few_statements(filled, words, django_assert_max_num_queries):
    with django_assert_max_num_queries(10):
        list_files(**words)
