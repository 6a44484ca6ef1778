"""PostgreSQL: lost connections, timeouts, and threads that wait for the server."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from time import time

import pytest
from django.core.signals import request_started
from django.db import Error, connection

from jobs.backends import current, dedicated_connection
from jobs.backends.compiled import fetch_rows
from jobs.conf import conf
from jobs.models import Lease
from jobs.worker.retry import with_retry
from tests.support.waiting import wait_until
from tests.support.worker import FakeWorker, finished

pytestmark = pytest.mark.parametrize("module_database", ["postgres"], indirect=True)


@pytest.fixture
def own(module_database):
    with closing(dedicated_connection()) as made:
        made.ensure_connection()
        yield made


def end_session(pid):
    fetch_rows("SELECT pg_terminate_backend(%s, 5000)", [pid])


@pytest.mark.parametrize("call", ["start", "finish_and_claim"])
def test_a_store_reconnects_and_repeats_the_call_after_the_server_ended_its_session(job, own, call):
    """As after a restart of the server; the same executor continues."""
    worker = FakeWorker(job, connection=own)
    first, second = worker.finish_and_claim(size=2)
    end_session(own.connection.info.backend_pid)
    if call == "start":
        assert with_retry(lambda: worker.store.start(second, 1, 0, time()), worker.store)
    else:
        both = [finished(first), finished(second)]
        (third,) = with_retry(lambda: worker.finish_and_claim(*both), worker.store)
        assert third.position == 2


def test_a_connection_lost_between_two_requests_is_replaced(own):
    connection.ensure_connection()
    with own.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid]
        )
    request_started.send(None)
    assert fetch_rows("SELECT 1", []) == [(1,)]


def test_a_session_that_stands_still_in_a_transaction_is_ended_before_its_lease_expires(own):
    with own.cursor() as cursor:
        cursor.execute("SHOW idle_in_transaction_session_timeout")
        (found,) = cursor.fetchone()
    assert found == f"{0.4 * conf.LEASE_SECONDS:g}s"


def test_an_interrupt_gives_a_thread_that_waits_for_a_lock_an_error(job, own):
    worker = FakeWorker(job)

    def wait_for_lock():
        with pytest.raises(Error), own.cursor() as cursor:
            cursor.execute("UPDATE jobs_lease SET heartbeats = 0 WHERE id = %s", [worker.lease.pk])

    with ThreadPoolExecutor(1) as pool, worker.store.transaction():
        assert worker.store.lock_lease()
        own.inc_thread_sharing()
        waiting = pool.submit(wait_for_lock)
        wait_until(lambda: is_waiting(own.connection.info.backend_pid))
        current().interrupt(own)
        waiting.result(30)
    assert Lease.objects.get().heartbeats == 0


def is_waiting(pid):
    return fetch_rows("SELECT cardinality(pg_blocking_pids(%s)) > 0", [pid]) == [(True,)]
