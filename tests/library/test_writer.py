"""Writes to the index of files, from several processes at once."""

from concurrent.futures import ThreadPoolExecutor

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


def test_the_path_of_an_outcome_has_no_index_besides_those_of_lists(library):
    """Each further index of the path costs an entry for every item that finishes.

    That of messages costs one only where there is a message.
    """
    with connection.cursor() as cursor:
        found = connection.introspection.get_constraints(cursor, "jobs_outcome")

    by_path = {name: one for name, one in found.items() if "path" in one["columns"]}
    indexes = {name for name, one in by_path.items() if one["index"] or one["unique"]}
    assert indexes == {"outcome_status_path", "outcome_message_path"}
