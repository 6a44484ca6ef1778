"""The trigram index follows every change of a path, and costs other changes nothing."""

from django.core.management.color import no_style
from django.db import connection, transaction

from jobs.library.disk import FoundFile
from jobs.library.queries import list_files, select_files
from jobs.library.search_index import index_of
from jobs.library.search_index.sqlite import SQLiteSearchIndex
from jobs.library.writer import Batch, write
from jobs.models import LibraryFile
from tests.library.factories import add_files, count_candidates


def listed(search):
    return [row.file.path for row in list_files(search=search)[2]]


def test_search_index_follows_every_change_of_a_path(library):
    add_files("first", "second", "third")
    file = LibraryFile.objects.get(path="second")
    file.path = "renamed"
    file.save()
    LibraryFile.objects.filter(path="third").update(path="also renamed")
    LibraryFile.objects.get(path="first").delete()
    write(Batch(add=[FoundFile("renamed", 2, 1)]))  # conflicts

    for text in ("first", "second", "third"):
        assert count_candidates(text) == 0
    assert listed(search="renamed") == ["also renamed", "renamed"]
    assert count_candidates("renamed") == 2


def test_change_of_a_file_does_not_write_to_the_search_index(library):
    add_files("first", "second")
    before = index_bytes()

    LibraryFile.objects.filter(path="first").update(kind="image", size=7)

    assert index_bytes() == before
    assert count_candidates("first") == 1


def test_search_index_is_emptied_with_the_table_of_files(library):
    add_files("first")

    with connection.cursor() as cursor:
        for statement in connection.ops.sql_flush(no_style(), ["jobs_libraryfile", "jobs_outcome"]):
            cursor.execute(statement)

    assert count_candidates("first") == 0


def test_files_are_found_without_the_search_index(library):
    add_files("first", "second")
    with transaction.atomic():
        index_of(connection).uninstall()

        assert listed(search="FIRST") == ["first"]
        assert [file.path for file in select_files(search="irs")] == ["first"]

        transaction.set_rollback(True)


def test_sqlite_without_full_text_search_has_no_search_index(library, monkeypatch):
    if library.setup != "sqlite":
        return  # the index of PostgreSQL needs no extension
    missing = ("CREATE VIRTUAL TABLE jobs_filesearch USING missing_module(path)",)
    monkeypatch.setattr(SQLiteSearchIndex, "create", missing)
    add_files("first", "second")
    with transaction.atomic():
        index_of(connection).install()

        assert not index_of(connection).is_installed()
        assert listed(search="FIRST") == ["first"]

        transaction.set_rollback(True)


def test_scan_repairs_a_search_index_without_triggers(library):
    on = "" if library.setup == "sqlite" else " ON jobs_libraryfile"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER jobs_filesearch_add{on}")
    library.write("first", "second")

    library.scan()

    assert index_of(connection).is_installed()
    assert count_candidates("first") == 1


def index_bytes():
    table = "jobs_filesearch_data" if connection.vendor == "sqlite" else "jobs_filesearch"
    extra = ", ctid, xmin" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT *{extra} FROM {table} ORDER BY 1")
        return cursor.fetchall()
