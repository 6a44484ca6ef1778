"""Writes to the index of files, from several processes at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, connections

from jobs.library.disk import FoundFile
from jobs.library.writer import Batch, write
from jobs.models import LibraryFile


def test_two_writers_of_the_same_new_files_in_opposite_orders_do_not_deadlock(library):
    def add(files):
        try:
            write(Batch(add=files))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        for round_number in range(6):
            files = [FoundFile(f"{round_number}/{number:04}", 1, 1) for number in range(1_000)]
            list(pool.map(add, (files, files[::-1])))

    assert LibraryFile.objects.count() == 6_000


@pytest.mark.parametrize(
    ("table", "wanted"),
    [
        ("jobs_libraryfile", {"file_unique_path"}),
        ("jobs_outcome", {"outcome_status_path", "outcome_message_path"}),
    ],
)
def test_a_path_has_no_index_besides_those_of_lists(library, table, wanted):
    """Each further index of the path costs an entry for every item that finishes.

    That of messages costs one only where there is a message.
    """
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, table)

    by_path = {name: one for name, one in found.items() if "path" in one["columns"]}
    assert {name for name, one in by_path.items() if one["index"] or one["unique"]} == wanted
