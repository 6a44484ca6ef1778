"""Process trees with real processes: start, stop, and what they leave behind."""

import os
import signal

import psutil
import pytest

from tests.processes.programs import SLEEPER, STUBBORN, ignores_sigterm, program
from tests.support.processes import is_alive
from tests.support.waiting import wait_until

# Three generations. The last one has a session of its own, and its parent has ended.
FAMILY = (
    "import os, sys, time, pathlib\n"
    "if os.fork() == 0:\n"
    "    if os.fork() == 0:\n"
    "        os.setsid()\n"
    "        pathlib.Path(sys.argv[1]).write_text(str(os.getpid()))\n"
    "        time.sleep(600)\n"
    "    os._exit(0)\n"
    "time.sleep(600)\n"
)


@pytest.fixture
def start():
    """Starts programs that are killed at the end of the test."""
    trees = []

    def started(code, *arguments):
        tree = program(code, *arguments)
        trees.append(tree)
        tree.start()
        return tree

    yield started
    for tree in trees:
        tree.kill(grace_seconds=0)


def test_program_has_its_own_session_and_ends_on_sigterm(start):
    tree = start(SLEEPER)
    assert tree.is_running
    assert os.getsid(tree.pid) == tree.pid != os.getsid(0)
    tree.terminate()
    wait_until(lambda: not tree.is_running)
    assert tree.exit_code == -signal.SIGTERM


def test_kill_reaches_every_descendant_but_no_other_tree(start, tmp_path):
    file = tmp_path / "pid"
    tree, other = start(FAMILY, file), start(SLEEPER)
    wait_until(lambda: file.exists() and file.read_text())
    grandchild = int(file.read_text())
    assert is_alive(grandchild)
    assert tree.kill() == 0
    assert not tree.is_running
    assert not is_alive(grandchild)
    assert other.is_running


def test_program_that_ignores_sigterm_is_killed_after_the_grace_period(start):
    tree = start(STUBBORN)
    wait_until(lambda: ignores_sigterm(tree))
    assert tree.kill(grace_seconds=0.2) == 0
    assert tree.exit_code == -signal.SIGKILL


def test_held_program_is_killed(start):
    tree = start(SLEEPER)
    os.kill(tree.pid, signal.SIGSTOP)
    assert tree.kill(grace_seconds=0.2) == 0
    assert tree.exit_code in (-signal.SIGTERM, -signal.SIGKILL)


def test_ended_program_can_be_started_again(start):
    tree = start("raise SystemExit(3)")
    first = tree.pid
    wait_until(lambda: not tree.is_running)
    assert tree.exit_code == 3
    tree.start()
    wait_until(lambda: not tree.is_running)
    assert tree.exit_code == 3
    assert tree.pid != first


def test_children_of_a_program_are_those_that_it_has_started_itself(start, tmp_path):
    file = tmp_path / "pid"
    tree = start("import os, subprocess, sys, time\n" + FAMILY, file)
    wait_until(lambda: file.exists() and file.read_text())
    assert int(file.read_text()) not in tree.child_pids
    assert tree.child_pids == [child.pid for child in psutil.Process(tree.pid).children()]
    tree.kill(grace_seconds=0)
    assert tree.child_pids == []
