"""The index of trigrams: kept true by whatever changes files, and only by what concerns it."""

import uuid

from django.db import connection

from jobs.library import searchindex
from jobs.library.queries import list_files, select_files
from jobs.models import LibraryFile
from tests.library.rows import add, candidates


def listed(search):
    return [file.path for file in list_files(search=search)[2]]


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
    assert [file.path for file in select_files(search="irs")] == ["first"]


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


def index_bytes():
    table = "jobs_filesearch_data" if connection.vendor == "sqlite" else "jobs_filesearch"
    extra = ", ctid, xmin" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT *{extra} FROM {table} ORDER BY 1")
        return cursor.fetchall()
