"""A bound command ends when its parent is killed."""

import subprocess
import sys

import psutil
import pytest
from django.conf import settings

from jobs.processes import parent_death
from tests.support.processes import is_alive
from tests.support.waiting import wait_until

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux signals the death of a parent"
)

SLEEPER = "import time; time.sleep(600)"
PARENT = f"""
import subprocess, sys, time
from jobs.processes.parent_death import bind_command
print(subprocess.Popen(bind_command([sys.executable, "-c", {SLEEPER!r}])).pid, flush=True)
time.sleep(600)
"""


def test_command_ends_when_its_parent_is_killed():
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], cwd=settings.BASE_DIR, stdout=subprocess.PIPE, text=True
    )
    child = int(parent.stdout.readline())
    wait_until(lambda: is_bound(child))
    parent.kill()
    parent.communicate()
    wait_until(lambda: not is_alive(child), what="the child has ended")


def is_bound(pid):
    """Return True once the command runs: the launcher has asked the kernel before the exec."""
    command = psutil.Process(pid).cmdline()
    return command[-1:] == [SLEEPER] and parent_death.__file__ not in command


def test_command_does_not_start_when_its_parent_is_dead_already(tmp_path):
    dead = subprocess.Popen(["true"])
    dead.wait()
    file = tmp_path / "started"
    launcher = [sys.executable, "-I", parent_death.__file__, str(dead.pid)]
    subprocess.run([*launcher, "touch", file], check=False, timeout=60)
    assert not file.exists()
