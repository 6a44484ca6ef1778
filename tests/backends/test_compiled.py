"""Compiled queries return what the ORM returns, with every value of its type."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs.backends.compiled import CompiledQuery, as_stored_in, fetch_rows
from jobs.models import Cluster, Job, JobEvent
from tests.support.factories import make_job

LIVE = CompiledQuery(
    lambda: Cluster.objects.filter(seen_at__gte=timezone.now()).exclude(status="Stopped")
)
BY_ID = CompiledQuery(lambda: Job.objects.filter(pk=uuid4()))


@pytest.fixture
def job(module_database):
    made = make_job(succeeded=1, parameters={"size": 7}, selection={"kind": "all"})
    yield Job.objects.get(pk=made.pk)
    made.delete()


def values(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_fetched_row_equals_the_row_of_the_orm(job):
    found = BY_ID.fetch(job.pk)
    assert [values(row) for row in found] == [values(job)]
    assert found[0].parameters == {"size": 7}
    assert BY_ID.fetch(uuid4()) == []


def test_a_fetched_row_can_be_saved(job):
    found = BY_ID.fetch(job.pk)[0]
    found.label = "Another"
    found.save()
    assert Job.objects.get(pk=job.pk).label == "Another"


def test_values_not_given_to_fetch_stay_those_of_the_query(module_database):
    now = timezone.now()
    common = {
        "host": "here",
        "machine": "m",
        "pid": 1,
        "worker_pids": [],
        "size": 1,
        "started_at": now,
    }
    for status in ("Idle", "Stopped"):
        Cluster.objects.create(id=uuid4(), seen_at=now, status=status, **common)
    try:
        assert [row.status for row in LIVE.fetch(now - timedelta(seconds=1))] == ["Idle"]
        assert LIVE.fetch(now + timedelta(seconds=1)) == []
    finally:
        Cluster.objects.all().delete()


def test_each_thread_fetches_on_its_own_connection(job):
    BY_ID.fetch(job.pk)
    found = []

    def ask():
        try:
            found.extend(BY_ID.fetch(job.pk))
        finally:
            connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    assert [row.pk for row in found] == [job.pk]


def test_a_fetch_logs_no_statements_in_debug_mode_unless_captured(settings, module_database):
    settings.DEBUG = True
    connection.queries_log.clear()
    assert fetch_rows("SELECT 1 + %s", [1]) == [(2,)]
    assert not connection.queries
    with CaptureQueriesContext(connection) as captured:
        fetch_rows("SELECT 1 + %s", [1])
    assert len(captured) == 1


@pytest.mark.parametrize("column", ["id", "created_at", "created_by_id"])
def test_a_value_of_a_hand_written_statement_becomes_what_the_orm_reads(job, column):
    field = Job._meta.get_field(column)
    [(value,)] = fetch_rows(f"SELECT {column} FROM jobs_job", [])
    assert as_stored_in(field)(value) == getattr(job, column)


def test_a_foreign_key_to_a_uuid_becomes_a_uuid(job):
    """As `created_by` is where the host project's users have UUIDs."""
    [(value,)] = fetch_rows("SELECT id FROM jobs_job", [])
    assert as_stored_in(JobEvent._meta.get_field("job"))(value) == job.pk
