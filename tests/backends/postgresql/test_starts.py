"""PostgreSQL: a start and a fence lock the same row, so one of them waits for the other."""

import threading
from concurrent.futures import ThreadPoolExecutor
from time import time

import pytest
from django.db import connection, transaction

from jobs.backends.compiled import fetch_rows
from jobs.lifecycle import transitions
from tests.support.waiting import wait_until
from tests.support.worker import finished

pytestmark = pytest.mark.parametrize("module_database", ["postgres"], indirect=True)


def a_session_waits():
    return fetch_rows("SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted)", []) == [(True,)]


@pytest.mark.parametrize("call", ["start", "finish_and_claim"])
def test_a_start_waits_for_a_fence_that_is_not_committed_and_is_then_refused(job, worker, call):
    items = worker.finish_and_claim(size=3)
    fenced, answered = threading.Event(), threading.Event()

    def fence():
        with transaction.atomic():
            transitions.fence(job.pk)
            fenced.set()
            wait_until(lambda: a_session_waits() or answered.is_set())
        connection.close()

    with ThreadPoolExecutor(1) as pool:
        cancelled = pool.submit(fence)
        assert fenced.wait(30)
        if call == "start":
            started = worker.store.start(items[1], 1, 0, time())
        else:
            started = worker.finish_and_claim(finished(items[0]), size=3)
        answered.set()
        cancelled.result(30)
    assert not started


def test_the_pages_of_the_lease_table_keep_room_for_updates_in_place(module_database):
    options = fetch_rows("SELECT reloptions FROM pg_class WHERE relname = 'jobs_lease'", [])
    assert options == [(["fillfactor=50"],)]
