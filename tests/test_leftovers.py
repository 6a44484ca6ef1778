"""What is ended of what a dead process has started, and what is never touched."""

import subprocess
import sys
from datetime import timedelta

import psutil
import pytest
from django.utils import timezone

from jobs import processes
from jobs.leftovers import end_leftovers
from jobs.processes import ProcessIdentity
from tests.support.processes import is_alive
from tests.support.waiting import wait_until

PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], stdout=2)
print(child.pid, flush=True)
sys.stdin.readline()
"""


class Family:
    """A leader of a session, and a program that it has started; `die` ends the leader."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-c", PARENT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.child = psutil.Process(int(self.process.stdout.readline()))
        self.leader = processes.current(self.process.pid)

    def die(self):
        self.process.kill()
        self.process.wait()

    def close(self):
        self.process.kill()
        self.process.wait()
        if is_alive(self.child.pid):
            self.child.kill()
        self.process.stdin.close()
        self.process.stdout.close()


@pytest.fixture
def family():
    made = Family()
    yield made
    made.close()


def seen(seconds_ago=0.0):
    return timezone.now() - timedelta(seconds=seconds_ago)


def test_the_programs_of_a_dead_process_are_gone_when_it_returns(family):
    family.die()
    end_leftovers(family.leader, seen_at=seen())
    assert not is_alive(family.child.pid)


def test_nothing_is_touched_if_another_process_has_the_pid(family):
    """Its session is another one: the old one had ended, or the pid would not be free."""
    dead = ProcessIdentity(family.leader.machine, family.leader.pid, family.leader.started - 1)
    end_leftovers(dead, seen_at=seen())
    family.process.kill()
    wait_until(lambda: not is_alive(family.process.pid))  # a zombie, which still has its pid
    end_leftovers(dead, seen_at=seen())
    assert is_alive(family.child.pid)


def test_nothing_is_touched_that_was_started_long_after_it_was_seen(family):
    """The session is that of a later process with the same pid, which has ended as well."""
    family.die()
    end_leftovers(family.leader, seen_at=seen(3600))
    assert is_alive(family.child.pid)


def test_nothing_is_touched_for_a_process_of_another_machine(family):
    leader = family.leader
    family.die()
    end_leftovers(ProcessIdentity("elsewhere", leader.pid, leader.started), seen_at=seen())
    assert is_alive(family.child.pid)
