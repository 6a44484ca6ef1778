"""No descendant of a contained program outlives the item, however the worker ends."""

import os
import signal
import sys
import time
from pathlib import Path

import psutil
import pytest

from jobs.processes.contained import ProgramResult, run_contained
from tests.support.waiting import wait_until

# Children that sleep and outlive the script, and then the script's own end.
FAMILY = """
import os, subprocess, sys, time
subprocess.Popen(["sh", "-c", "sleep 1000 & sleep 1000 & wait"])
open("started", "w").close()
{end}
"""


def family(end: str) -> list[str]:
    return [sys.executable, "-c", FAMILY.format(end=end)]


def sleepers(folder: Path) -> list[psutil.Process]:
    """Return the live processes whose working directory is this folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(folder) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def run(arguments: list[str], folder: Path, max_output_bytes: int = 0) -> ProgramResult:
    return run_contained(
        arguments,
        environment=dict(os.environ),
        folder=str(folder),
        max_output_bytes=max_output_bytes,
    )


def test_children_of_an_ended_program_are_killed(tmp_path):
    result = run(family("sys.exit(5)"), tmp_path)
    assert (tmp_path / "started").exists()
    assert result.exit_code == 5
    wait_until(lambda: not sleepers(tmp_path))


def test_children_are_killed_when_the_program_prints_too_much(tmp_path):
    result = run(family("while True: print('x' * 65536)"), tmp_path, max_output_bytes=1_000_000)
    assert result.exit_code is None
    wait_until(lambda: not sleepers(tmp_path))


def test_children_are_killed_when_the_worker_is_killed(tmp_path):
    worker = os.fork()
    if worker == 0:
        try:
            run(family("time.sleep(1000)"), tmp_path)
        finally:
            os._exit(0)
    wait_until(lambda: (tmp_path / "started").exists() and len(sleepers(tmp_path)) >= 4)
    os.kill(worker, signal.SIGKILL)
    os.waitpid(worker, 0)
    wait_until(lambda: not sleepers(tmp_path))


# Double forks in sessions of their own, as a daemon does.
DAEMONS = """
import os, sys, time
for _ in range(3):
    if not os.fork():
        os.setsid()
        if os.fork():
            os._exit(0)
        os.setsid()
        time.sleep(1000)
os.wait()
open("started", "w").close()
{end}
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has subreapers")
@pytest.mark.parametrize("end", ["sys.exit(5)", "os.abort()"])
def test_daemons_of_an_ended_program_are_killed(tmp_path, end):
    result = run([sys.executable, "-c", DAEMONS.format(end=end)], tmp_path)
    assert (tmp_path / "started").exists()
    assert result.exit_code in (5, -signal.SIGABRT)
    assert not sleepers(tmp_path), "they are gone before the item has ended"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has subreapers")
def test_daemons_are_killed_when_the_worker_is_killed(tmp_path):
    worker = os.fork()
    if worker == 0:
        try:
            run([sys.executable, "-c", DAEMONS.format(end="time.sleep(1000)")], tmp_path)
        finally:
            os._exit(0)
    try:
        # The program, its three daemons, and its parent.
        wait_until(lambda: (tmp_path / "started").exists() and len(sleepers(tmp_path)) == 5)
    finally:
        os.kill(worker, signal.SIGKILL)
        os.waitpid(worker, 0)
    wait_until(lambda: not sleepers(tmp_path))


def test_child_that_keeps_the_output_open_does_not_delay_the_item(tmp_path):
    started = time.monotonic()
    result = run(["sh", "-c", "echo said; setsid sleep 30 & exit 0"], tmp_path)
    assert result.exit_code == 0
    assert time.monotonic() - started < 25


def test_output_is_counted_and_its_tail_is_kept(tmp_path):
    script = "import sys; sys.stdout.write('a' * 100_000 + 'end'); sys.stderr.write('bad')"
    result = run([sys.executable, "-c", script], tmp_path)
    assert result.output_bytes == 100_006
    assert result.tails[0].endswith(b"aend")
    assert len(result.tails[0]) <= 4096
    assert result.tails[1] == b"bad"


def test_run_leaves_no_descriptor_and_no_process(tmp_path):
    run(["true"], tmp_path)
    before = os.listdir("/proc/self/fd"), psutil.Process().children()
    for _ in range(5):
        run(["true"], tmp_path)
    assert (os.listdir("/proc/self/fd"), psutil.Process().children()) == before


def test_missing_program_returns_its_errno(tmp_path):
    result = run(["no-such-program-9"], tmp_path)
    assert os.strerror(result.start_errno) == "No such file or directory"
