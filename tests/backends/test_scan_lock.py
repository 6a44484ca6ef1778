"""The scan lock: one scan of the library at a time, and anybody can see that one runs."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from jobs.backends import Backend, current
from jobs.exceptions import ScanRunning
from tests.backends.contract import covers


def in_another_thread(call):
    """The result of the call, made on a connection of its own."""

    def run():
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result()


def hold_once():
    with current().scan_lock():
        return True


@covers(Backend.scan_lock, Backend.scan_is_running)
def test_a_second_scan_is_refused_until_the_first_has_released_the_lock(module_database):
    with current().scan_lock():
        assert in_another_thread(current().scan_is_running)
        with pytest.raises(ScanRunning):
            in_another_thread(hold_once)
    assert not in_another_thread(current().scan_is_running)
    assert in_another_thread(hold_once)
