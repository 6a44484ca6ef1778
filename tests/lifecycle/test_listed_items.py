"""Preparation of the keys that an operation lists itself."""

import logging

import pytest
from django.db import OperationalError, connections
from django.test import override_settings

from jobs import services
from jobs.backends import dedicated_connection
from jobs.exceptions import BadItems
from jobs.lifecycle.preparation import creating, listing, prepare
from jobs.lifecycle.preparation.key_file import KeyFile
from jobs.models import Job, LibraryFile
from jobs.operations import Operation, registry
from tests.support.factories import delete_jobs, make_files

ME = services.Actor()


class Listed(Operation):
    """Lists `keys`, and counts how often it was asked."""

    name = "listed"

    def __init__(self, keys):
        self.keys = keys
        self.calls = 0

    def items(self, parameters):
        self.calls += 1
        return iter(self.keys)


@pytest.fixture
def start(module_database, monkeypatch):
    """Starts a job of an operation with these keys that a worker has to prepare."""

    def make(operation):
        monkeypatch.setitem(registry._operations, operation.name, operation)
        with override_settings(JOBS_INLINE_ITEMS=1):
            job = services.start_job(operation.name, actor=ME)
        operation.calls = 0
        return job

    yield make
    connections["default"].close()
    for job in Job.objects.all():
        KeyFile(job.pk).remove()
    delete_jobs(*Job.objects.all())
    LibraryFile.objects.all().delete()


@pytest.fixture(autouse=True)
def _small_batches(monkeypatch):
    monkeypatch.setattr(creating, "BATCH", 4)


def keys(job):
    return list(job.items.order_by("position").values_list("key", flat=True))


def prepare_two_batches(job):
    """A worker that has to stop after eight items."""
    assert not prepare(job, should_stop=lambda: job.total_items == 8)
    assert job.total_items == job.items.count() == 8


NUMBERS = [f"number\n{number}" for number in range(30)]


class Rows(Listed):
    """Lists rows by a cursor, while another process writes."""

    name = "rows"

    def items(self, parameters):
        rows = LibraryFile.objects.order_by("path").values_list("path", flat=True)
        other = dedicated_connection()
        try:
            for path in rows.iterator(chunk_size=10):
                with other.cursor() as cursor:
                    cursor.execute("UPDATE jobs_libraryfile SET kind = %s", [path])
                yield path
        finally:
            other.close()


def test_rows_of_a_cursor_are_prepared_while_another_process_writes(start):
    names = [f"{number:03}" for number in range(60)]
    make_files(*names)
    job = start(Rows(("",)))
    assert prepare(job)
    assert keys(job) == names
    assert not KeyFile(job.pk).exists


def test_next_worker_continues_without_asking_the_operation_again(start):
    operation = Listed(NUMBERS)
    job = start(operation)
    prepare_two_batches(job)
    first = job.items.get(position=0).pk
    assert prepare(Job.objects.get(pk=job.pk))
    assert keys(job) == NUMBERS
    assert (operation.calls, job.items.get(position=0).pk) == (1, first)


def test_worker_of_another_machine_continues_after_the_same_keys(start):
    operation = Listed(NUMBERS)
    job = start(operation)
    prepare_two_batches(job)
    first = job.items.get(position=0).pk
    KeyFile(job.pk).remove()
    assert prepare(Job.objects.get(pk=job.pk))
    assert keys(job) == NUMBERS
    assert (operation.calls, job.items.get(position=0).pk) == (2, first)


@pytest.mark.parametrize("listed", [NUMBERS[::-1], NUMBERS[:6], ["new", *NUMBERS], []])
def test_worker_of_another_machine_creates_all_items_again_if_the_keys_differ(start, listed):
    operation = Listed(NUMBERS)
    job = start(operation)
    prepare_two_batches(job)
    KeyFile(job.pk).remove()
    operation.keys = listed
    assert prepare(Job.objects.get(pk=job.pk))
    assert keys(job) == listed
    assert Job.objects.get(pk=job.pk).total_items == len(listed)


def test_worker_that_must_always_stop_creates_one_batch_in_each_call(start):
    operation = Listed(NUMBERS)
    job = start(operation)
    calls = 1
    while not prepare(Job.objects.get(pk=job.pk), should_stop=lambda: True):
        assert len(keys(job)) == 4 * calls
        calls += 1
    assert keys(job) == NUMBERS
    assert (operation.calls, calls) == (1, 8)


def test_job_cancelled_between_two_batches_is_prepared_after_its_resume(start):
    job = start(Listed(NUMBERS))

    def cancel_after_eight():
        if job.total_items == 8:
            services.cancel_job(job.pk, actor=ME)
        return False

    assert not prepare(job, should_stop=cancel_after_eight)
    assert len(keys(job)) == 8
    assert not KeyFile(job.pk).exists
    services.resume_job(job.pk, actor=ME)
    assert prepare(Job.objects.get(pk=job.pk))
    assert keys(job) == NUMBERS


def test_worker_that_must_stop_ends_between_two_keys_and_leaves_no_file(start):
    asked: list[int] = []

    def endless():
        while True:
            asked.append(1)
            yield "key"

    job = start(Listed(NUMBERS))
    registry._operations["listed"].keys = endless()
    assert not prepare(job, should_stop_listing=lambda: len(asked) > 100)
    assert len(asked) == 101
    assert list(KeyFile(job.pk).path.parent.iterdir()) == []


def test_file_of_keys_is_readable_by_its_owner_only(start):
    job = start(Listed(NUMBERS))
    prepare_two_batches(job)
    path = KeyFile(job.pk).path
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_log_names_an_operation_whose_items_are_slow(start, monkeypatch, caplog):
    monkeypatch.setattr(listing, "SLOW_SECONDS", 0.0)
    job = start(Listed(NUMBERS))
    assert prepare(job)
    assert "items() of the operation listed took 0 seconds to list 30 keys" in caplog.text


def test_log_has_the_traceback_of_items_that_raise(start, caplog):
    def broken():
        yield "fine"
        raise ValueError("no connection")

    job = start(Listed(NUMBERS))
    registry._operations["listed"].keys = broken()
    with pytest.raises(BadItems, match="no connection"):
        prepare(job)
    record = caplog.records[-1]
    assert record.getMessage() == "items() of the operation listed failed"
    assert "in broken" in logging.Formatter().format(record)


def test_error_of_a_query_of_the_operation_is_a_failure_of_its_items(start):
    def failing():
        with connections["default"].cursor() as cursor:
            yield from cursor.execute("SELECT key FROM nowhere")

    job = start(Listed(NUMBERS))
    registry._operations["listed"].keys = failing()
    with pytest.raises(BadItems, match="nowhere"):
        prepare(job)


@pytest.mark.parametrize("module_database", ["postgres"], indirect=True)
def test_restart_of_the_database_during_items_is_no_failure_of_the_operation(start):
    def interrupted():
        yield "fine"
        with connections["default"].cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    job = start(Listed(NUMBERS))
    registry._operations["listed"].keys = interrupted()
    with pytest.raises(OperationalError):
        prepare(job)
