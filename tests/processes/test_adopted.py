"""Children whose own parents have ended: reaped, ended, and never those of others."""

import os
import sys
import time

import pytest

from jobs.processes.adopted import child_pids, end_adopted, reap_adopted
from tests.processes.family import forked, in_subreaper, orphan, zombies
from tests.support.waiting import wait_until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="only Linux has subreapers")

SECONDS = 20.0


def test_orphans_are_reaped_and_the_exit_code_of_an_own_child_is_kept():
    def check():
        own = forked(lambda: None)
        orphan(0)
        orphan(0)
        wait_until(lambda: len(zombies()) == 3)
        reap_adopted([own])
        assert zombies() == [own]
        assert os.waitstatus_to_exitcode(os.waitpid(own, 0)[1]) == 7

    in_subreaper(check)


def test_living_orphans_are_not_waited_for():
    def check():
        orphan(1000)
        orphan(0)
        wait_until(lambda: len(zombies()) == 1)
        began = time.monotonic()
        reap_adopted([])
        assert time.monotonic() - began < SECONDS
        assert len(child_pids()) == 1
        assert end_adopted(seconds=SECONDS)

    in_subreaper(check)


def test_orphans_are_ended_and_own_children_are_not():
    def check():
        own = forked(lambda: time.sleep(1000))
        orphan(1000)
        orphan(1000)
        assert end_adopted([own], seconds=SECONDS)
        assert child_pids() == {own}
        assert end_adopted(seconds=SECONDS)
        assert child_pids() == set()

    in_subreaper(check)
