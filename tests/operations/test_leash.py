"""Nothing that a program starts outlives the item, however the worker ends."""

import os
import signal
import sys
import time
from pathlib import Path

import psutil

from jobs.operations import leash
from tests.support.waiting import wait_until

# Two children that sleep, one of which has left its parent; then the script's own end.
FAMILY = """
import os, subprocess, sys, time
subprocess.Popen(["sh", "-c", "sleep 1000 & sleep 1000 & wait"])
open("started", "w").close()
{end}
"""


def family(end: str) -> list[str]:
    return [sys.executable, "-c", FAMILY.format(end=end)]


def sleepers(folder: Path) -> list[psutil.Process]:
    """The processes that work in this folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.cwd() == str(folder) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except psutil.Error:
            continue
    return found


def run(arguments: list[str], folder: Path, most_bytes: int = 0) -> leash.Finished:
    return leash.run(
        arguments, environment=dict(os.environ), folder=str(folder), most_bytes=most_bytes
    )


def test_children_left_running_are_ended_with_the_program(tmp_path):
    finished = run(family("sys.exit(5)"), tmp_path)
    assert (tmp_path / "started").exists()
    assert finished.code == 5
    wait_until(lambda: not sleepers(tmp_path))


def test_children_are_ended_when_the_program_prints_too_much(tmp_path):
    finished = run(family("while True: print('x' * 65536)"), tmp_path, most_bytes=1_000_000)
    assert finished.code is None
    wait_until(lambda: not sleepers(tmp_path))


def test_children_are_ended_when_the_worker_is_killed(tmp_path):
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


def test_a_child_that_keeps_the_output_open_does_not_hold_up_the_item(tmp_path):
    started = time.monotonic()
    finished = run(["sh", "-c", "echo said; setsid sleep 30 & exit 0"], tmp_path)
    assert finished.code == 0
    assert time.monotonic() - started < 25
    for process in sleepers(tmp_path):
        process.kill()


def test_everything_printed_is_counted_and_the_tail_is_kept(tmp_path):
    script = "import sys; sys.stdout.write('a' * 100_000 + 'end'); sys.stderr.write('bad')"
    finished = run([sys.executable, "-c", script], tmp_path)
    assert finished.printed == 100_006
    assert finished.tails[0].endswith(b"aend")
    assert len(finished.tails[0]) <= 4096
    assert finished.tails[1] == b"bad"


def test_no_descriptor_and_no_process_is_left(tmp_path):
    run(["true"], tmp_path)
    before = os.listdir("/proc/self/fd"), psutil.Process().children()
    for _ in range(5):
        run(["true"], tmp_path)
    assert (os.listdir("/proc/self/fd"), psutil.Process().children()) == before


def test_a_program_that_is_not_there_has_its_errno(tmp_path):
    finished = run(["no-such-program-9"], tmp_path)
    assert os.strerror(finished.error) == "No such file or directory"
