"""Ending the site in every way that a user or a machine has; no process is left behind."""

import os
import re
import signal

import psutil
import pytest

from tests.run.conftest import give_account
from tests.run.terminal import MAKE_RUN, SERVE, programs
from tests.support.processes import is_alive, wait_until_none_is_left
from tests.support.waiting import wait_until

pytestmark = pytest.mark.slow(5)


def nothing_left(terminal):
    wait_until_none_is_left(terminal.mark)


def send_sigterm(terminal):
    terminal.process.terminate()


def close_window(terminal):
    terminal.close_window()


# Ctrl-C is pressed in test_start.
@pytest.mark.parametrize("end", [send_sigterm, close_window])
def test_make_run_that_is_ended_leaves_no_process(terminal, end):
    give_account(terminal)
    terminal.type(*MAKE_RUN)
    terminal.wait_for_address()
    end(terminal)
    terminal.wait_for_end()
    assert terminal.left() == []
    assert "Traceback" not in terminal.said


def test_killed_make_leaves_no_process(terminal):
    give_account(terminal)
    terminal.type(*MAKE_RUN)
    terminal.wait_for_address()
    terminal.process.kill()
    terminal.process.wait()
    nothing_left(terminal)


def test_stopping_site_says_how_long_it_takes(running):
    running.press_ctrl_c()
    assert running.wait_for_end() == 0
    wait_until(lambda: "Stopped." in running.said)
    assert "Stopping; this takes at most 12 seconds." in running.said


def test_second_ctrl_c_stops_at_once(running):
    cluster = programs(running)["cluster"]
    os.kill(cluster, signal.SIGSTOP)
    running.press_ctrl_c()
    wait_until(lambda: "Stopping;" in running.said)
    running.press_ctrl_c()
    assert running.wait_for_end(8) == 0
    assert re.search("Killing what has not stopped yet: .*cluster", running.said)
    assert running.left() == []


def test_ctrl_c_during_the_start_leaves_no_process(terminal):
    terminal.type(*SERVE)
    wait_until(lambda: "Made the account" in terminal.said)
    terminal.press_ctrl_c()
    terminal.wait_for_end()
    assert terminal.left() == []
    assert "Traceback" not in terminal.said


def test_killed_site_leaves_no_process_and_continues_its_job_at_the_next_start(running):
    job = running.start_job(count=60, seconds=0.1)
    wait_until(lambda: running.progress(job)["succeeded"] > 5)
    os.killpg(running.process.pid, signal.SIGKILL)
    running.process.wait()
    nothing_left(running)
    running.type(*SERVE)
    wait_until(lambda: running.said.count("The site is at") == 2, seconds=60)
    wait_until(lambda: running.progress(job)["succeeded"] == 60, seconds=60)
    assert "database is locked" not in running.said


def test_orphans_of_an_earlier_run_are_ended_at_the_next_start(running):
    """Stopped processes hear no signal of the kernel; they are still there at the next start."""
    wait_until(lambda: running.get("/health")[0] == 200, what="the cluster is complete")
    found = programs(running)
    old = [*family(found["web"]), *family(found["cluster"])]
    for pid in old:
        os.kill(pid, signal.SIGSTOP)
    os.killpg(running.process.pid, signal.SIGKILL)
    running.process.wait()
    assert all(is_alive(pid) for pid in old)
    running.type(*SERVE)
    wait_until(lambda: running.said.count("The site is at") == 2, seconds=60)
    assert re.search(r"Ended \d+ processes that an earlier run had left behind", running.said)
    assert not any(is_alive(pid) for pid in old)
    assert running.get("/")[0] == 200


def family(pid):
    return [pid, *(child.pid for child in psutil.Process(pid).children(recursive=True))]
