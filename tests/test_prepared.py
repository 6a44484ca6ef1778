"""Queries that are compiled once find what the ORM finds, with every value of its type."""

import threading
from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.signals import request_started
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from jobs.models import Cluster, Job
from jobs.prepared import Prepared, read
from tests.support import rows

LIVE = Prepared(
    lambda: Cluster.objects.filter(seen_at__gte=timezone.now()).exclude(status="Stopped")
)
BY_ID = Prepared(lambda: Job.objects.filter(pk=uuid4()))


@pytest.fixture
def job(module_database):
    made = rows.job(succeeded=1, parameters={"size": 7}, selection={"kind": "all"})
    yield Job.objects.get(pk=made.pk)
    made.delete()


def values(row):
    return {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}


def test_a_row_is_what_the_orm_makes_of_it(job):
    found = BY_ID.fetch(job.pk)
    assert [values(row) for row in found] == [values(job)]
    assert found[0].parameters == {"size": 7}
    assert BY_ID.fetch(uuid4()) == []


def test_a_row_can_be_saved(job):
    found = BY_ID.fetch(job.pk)[0]
    found.label = "Another"
    found.save()
    assert Job.objects.get(pk=job.pk).label == "Another"


def test_values_that_are_not_given_stay_those_of_the_query(module_database):
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


def test_each_thread_asks_on_its_own_connection(job):
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


def test_a_connection_that_was_lost_between_two_requests_is_made_anew(site_factory):
    site = site_factory("postgres")
    ((session,),) = read("SELECT pg_backend_pid()", [])
    site.sql("SELECT pg_terminate_backend(?)", session)
    request_started.send(None)
    assert read("SELECT 1", []) == [(1,)]


def test_a_poll_keeps_no_statements_in_debug_mode(settings, transactional_db):
    settings.DEBUG = True
    connection.queries_log.clear()
    assert read("SELECT 1 + %s", [1]) == [(2,)]
    assert not connection.queries
    with CaptureQueriesContext(connection) as captured:
        read("SELECT 1 + %s", [1])
    assert len(captured) == 1
