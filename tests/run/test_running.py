"""A running site: killed programs are replaced, a second run on its folder is refused."""

import os
import signal
from contextlib import closing

import pytest

from tests.run.terminal import Terminal, programs, refused
from tests.support.waiting import wait_until


def answers(terminal):
    try:
        return terminal.get("/")[0] == 200
    except OSError:
        return False


def test_second_run_on_the_same_folder_is_refused_with_the_url_of_the_first(shared):
    url = f"http://127.0.0.1:{shared.port}/"
    with closing(Terminal(shared.data.parent, LIBRARY_ROOT=shared.env["LIBRARY_ROOT"])) as other:
        refused(other, "already runs on the data folder", url, "set DATA_DIR")
    assert shared.get("/")[0] == 200


@pytest.mark.parametrize("name", ["web", "cluster"])
def test_killed_program_is_started_again(shared, name):
    said_before = len(shared.said)
    killed = programs(shared)[name]
    os.kill(killed, signal.SIGKILL)
    wait_until(lambda: programs(shared).get(name, killed) != killed)
    wait_until(lambda: answers(shared), what="the page answers")
    assert "was killed by SIGKILL; it is started again" in shared.said[said_before:]
