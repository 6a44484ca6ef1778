"""Which programs of a dead process are killed, and which are never touched."""

import subprocess
import sys
import time
from datetime import timedelta

import psutil
import pytest
from django.utils import timezone

from jobs.processes.identity import ProcessIdentity, current
from jobs.processes.orphans import kill_orphans
from tests.support.processes import is_alive
from tests.support.waiting import wait_until

PARENT = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], stdout=2)
print(child.pid, flush=True)
sys.stdin.readline()
"""


class Family:
    """The leader of a session and a program that it has started. `die` kills the leader."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-c", PARENT],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.child = psutil.Process(int(self.process.stdout.readline()))
        self.leader = current(self.process.pid)

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


def test_programs_of_a_dead_process_are_killed_before_it_returns(family):
    family.die()
    kill_orphans(family.leader, seen_at=seen())
    assert not is_alive(family.child.pid)


def test_programs_of_another_process_with_the_pid_are_not_touched(family):
    """The session is a new one: the old one had ended, or the pid would not be free."""
    dead = ProcessIdentity(family.leader.machine, family.leader.pid, family.leader.started - 1)
    kill_orphans(dead, seen_at=seen())
    family.process.kill()
    wait_until(lambda: not is_alive(family.process.pid))  # a zombie still has its pid
    kill_orphans(dead, seen_at=seen())
    assert is_alive(family.child.pid)


def test_programs_started_long_after_the_process_was_seen_are_not_touched(family):
    """The session belongs to a later process with the same pid, which has ended as well."""
    family.die()
    kill_orphans(family.leader, seen_at=seen(3600))
    assert is_alive(family.child.pid)


def test_programs_of_a_process_of_another_machine_are_not_touched(family):
    leader = family.leader
    family.die()
    kill_orphans(ProcessIdentity("elsewhere", leader.pid, leader.started), seen_at=seen())
    assert is_alive(family.child.pid)


@pytest.mark.parametrize("hours", [-2, 2])
def test_programs_are_found_after_a_jump_of_the_wall_clock(family, monkeypatch, hours):
    family.die()
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + hours * 3600)
    kill_orphans(family.leader, seen_at=seen(3600 - hours * 3600))
    assert is_alive(family.child.pid)
    kill_orphans(family.leader, seen_at=seen(-hours * 3600))
    assert not is_alive(family.child.pid)
