"""Items: many are inserted with few statements, and a reader gets each finished one once."""

from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction

from jobs.backends import Backend, adapt, current
from jobs.backends.compiled import fetch_rows
from jobs.models import Job, LibraryFile, Outcome
from tests.backends.contract import covers
from tests.support.factories import delete_jobs, make_files, make_lease, set_outcomes
from tests.support.worker import FakeWorker

KEYS = ["plain", "it's 100 %s", "“naïve” 🙂", 'with "quotes"\\', "line\nbreak"]


@pytest.fixture
def empty_job(files):
    made = Job.objects.create(operation="act", label="Act", prepared=True)
    yield made
    delete_jobs(made)


def rows(job):
    return list(job.items.order_by("position").values_list("position", "key", "file_id"))


@covers(Backend.insert_items, Backend.adapt_keys)
def test_keys_become_pending_items_in_order(empty_job):
    current().insert_items(empty_job.pk, 3, KEYS, indexed=False)
    current().insert_items(empty_job.pk, 8, ["last"], indexed=False)
    keys = [*KEYS, "last"]
    assert rows(empty_job) == [(3 + place, key, None) for place, key in enumerate(keys)]
    item = empty_job.items.first()
    assert (item.status, item.message, item.attempts, item.result) == ("pending", "", 0, None)
    assert (item.lease_token, item.slot, item.sequence) == (None, None, None)


@covers(Backend.insert_items)
def test_library_paths_become_items_of_their_files_in_the_given_order(empty_job, files):
    current().insert_items(empty_job.pk, 0, ["file 07", "file 02"], indexed=True)
    assert rows(empty_job) == [(0, "file 07", files[7].pk), (1, "file 02", files[2].pk)]


@covers(Backend.insert_selected_items)
def test_selected_files_become_items_by_path(empty_job, files):
    columns = "id, path, size, mtime_ns"
    sql = f"SELECT {columns} FROM jobs_libraryfile WHERE path < %s ORDER BY path DESC"
    assert current().insert_selected_items(empty_job.pk, 5, sql, ["file 03"]) == 3
    assert rows(empty_job) == [
        (5 + place, file.path, file.pk) for place, file in enumerate(files[:3])
    ]
    assert set(empty_job.items.values_list("size", "mtime_ns")) == {(1, 1)}
    assert current().insert_selected_items(empty_job.pk, 8, sql, ["a"]) == 0


@covers(Backend.after_bulk_insert)
def test_items_can_be_claimed_after_a_bulk_insert(empty_job):
    current().insert_items(empty_job.pk, 0, KEYS, indexed=False)
    current().after_bulk_insert()
    assert len(FakeWorker(empty_job).finish_and_claim(size=9)) == len(KEYS)


@covers(Backend.finished_items)
def test_finished_items_of_a_slot_come_in_order_and_pages_miss_none(job):
    one, other = FakeWorker(job), FakeWorker(job)
    one.run(None, "broken: “é”", None)
    other.run(None)
    keys = [item.key for item in job.items.filter(slot=1).order_by("sequence")]
    backend = current()
    first = [
        {"path": keys[0], "status": "succeeded", "message": ""},
        {"path": keys[1], "status": "failed", "message": "broken: “é”"},
    ]
    assert backend.finished_items(job.pk, 1, 0, 3, 2) == (first, 2)
    found, last = backend.finished_items(job.pk, 1, 2, 3, 2)
    assert ([row["path"] for row in found], last) == (keys[2:], 3)
    assert backend.finished_items(job.pk, 1, 3, 3, 2) == ([], 3)
    assert backend.finished_items(job.pk, 1, 0, 1, 9)[1] == 1
    assert backend.finished_items(uuid4(), 1, 0, 9, 9) == ([], 0)


@covers(Backend.tune_tables)
def test_tuning_the_tables_again_changes_no_rows(job):
    make_lease(job, 1, succeeded=3)
    with connection.cursor() as cursor:
        current().tune_tables(cursor.execute)
    assert job.leases.get().succeeded == 3


@covers(Backend.sort_by_bytes)
def test_paths_are_sorted_by_their_bytes(module_database):
    with connection.cursor() as cursor:
        current().sort_by_bytes(cursor.execute, "jobs_outcome", "path")
    paths = ["B", "a", "b", "Ä"]
    set_outcomes(make_files(*paths))
    found = Outcome.objects.order_by("path").values_list("path", flat=True)
    assert list(found) == sorted(paths)
    LibraryFile.objects.all().delete()


@covers(Backend.fetch_rows)
def test_a_hand_written_statement_takes_values_of_every_type_and_percent_signs(job):
    job = Job.objects.get(pk=job.pk)
    statement = "SELECT label, '100 %%' FROM jobs_job WHERE id = %s AND created_at = %s"
    assert fetch_rows(statement, [adapt(job.pk), adapt(job.created_at)]) == [("Act", "100 %")]
    assert fetch_rows(statement, [adapt(uuid4()), adapt(job.created_at)]) == []


@covers(Backend.fetch_rows)
def test_an_error_of_a_hand_written_statement_is_one_of_djangos(module_database):
    with pytest.raises(DatabaseError), transaction.atomic():
        fetch_rows("SELECT no_such_column FROM jobs_job", [])
