"""Real processes: groups, what they leave behind, and what happens when their parent dies."""

import os
import signal
import subprocess
import sys

import psutil
import pytest
from django.conf import settings

from jobs.supervision.group import Group
from tests.support.waiting import wait_until

PYTHON = sys.executable

SLEEPER = "import time; time.sleep(600)"
STUBBORN = (
    "import signal, subprocess, sys, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('ready', flush=True)\n"
    "time.sleep(600)\n"
)
# Three generations; the last one in a session of its own, and its parent has gone.
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


def alive(pid):
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


@pytest.fixture
def group_of():
    made = []

    def make(code, *arguments, **options):
        group = Group("program", [PYTHON, "-c", code, *map(str, arguments)], **options)
        made.append(group)
        group.start()
        return group

    yield make
    for group in made:
        group.end(grace_seconds=0)


def test_asking_ends_a_program_that_listens(group_of):
    group = group_of(SLEEPER)
    assert group.is_running
    group.ask_to_stop()
    wait_until(lambda: not group.is_running)
    assert group.exit_code == -signal.SIGTERM


def test_ending_reaches_every_descendant(group_of, tmp_path):
    file = tmp_path / "pid"
    group = group_of(FAMILY, file)
    wait_until(lambda: file.exists() and file.read_text())
    grandchild = int(file.read_text())
    assert alive(grandchild)
    assert group.end() == 0
    assert not group.is_running
    assert not alive(grandchild)


def test_ending_kills_what_does_not_listen(group_of):
    group = group_of(STUBBORN)
    group.ask_to_stop()
    assert group.end(grace_seconds=0.2) == 0
    assert group.exit_code is not None


def test_ending_kills_what_is_stopped(group_of):
    group = group_of(SLEEPER)
    os.kill(group.pid, signal.SIGSTOP)
    assert group.end(grace_seconds=0.2) == 0
    assert group.exit_code in (-signal.SIGTERM, -signal.SIGKILL)


def test_another_group_is_left_alone(group_of):
    first, second = group_of(SLEEPER), group_of(SLEEPER)
    first.end(grace_seconds=0)
    assert second.is_running


def test_a_group_can_be_started_again(group_of):
    group = group_of("raise SystemExit(3)")
    wait_until(lambda: not group.is_running)
    assert group.exit_code == 3
    group.start()
    wait_until(lambda: not group.is_running)
    assert group.exit_code == 3


def test_the_program_is_in_a_session_of_its_own(group_of):
    group = group_of(SLEEPER)
    assert os.getsid(group.pid) == group.pid != os.getsid(0)


@pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux tells a child of its parent's death"
)
def test_the_program_ends_when_its_parent_is_killed(tmp_path):
    code = (
        "import sys, time\n"
        "from jobs.supervision.group import Group\n"
        f"group = Group('program', [sys.executable, '-c', {SLEEPER!r}])\n"
        "group.start()\n"
        "print(group.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    parent = subprocess.Popen(
        [PYTHON, "-c", code],
        cwd=settings.BASE_DIR,
        stdout=subprocess.PIPE,
        text=True,
    )
    child = int(parent.stdout.readline())
    # Only from then on has the kernel been asked.
    wait_until(lambda: SLEEPER in " ".join(psutil.Process(child).cmdline()[:4]))
    parent.kill()
    parent.communicate()
    wait_until(lambda: not alive(child), what="the child has ended")
