"""Wake-ups of pushers by named pipes."""

import os
import stat
import time
from contextlib import closing

import pytest

from jobs.cluster.wakeups import EXECUTOR, FOLDER, PUSHER, Wakeups, wake


@pytest.fixture
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path / FOLDER


@pytest.fixture
def wakeups(folder):
    made = Wakeups(PUSHER)
    yield made
    made.close()


def test_pusher_that_waits_learns_at_once_how_many_workers_are_wanted(wakeups):
    assert wake(2)
    assert wake(1)
    began = time.monotonic()
    assert wakeups.wait(20) == 3
    assert time.monotonic() - began < 5
    assert wakeups.wait(0) == 0


def test_idle_executors_are_woken_first_and_pushers_for_what_is_missing(wakeups):
    with closing(Wakeups(EXECUTOR)) as executor:
        assert wake(1)
        assert (executor.wait(0), wakeups.wait(0)) == (1, 0)
        assert wake(3)
        assert (executor.wait(0), wakeups.wait(0)) == (1, 2)
    assert wake(1)
    assert wakeups.wait(0) == 1


def test_only_workers_that_were_asked_for_are_counted(folder):
    with closing(Wakeups(EXECUTOR)):
        assert wake(4) == 1
        with closing(Wakeups(PUSHER)):
            assert wake(4) == 4


def test_pipe_of_a_pusher_that_was_killed_is_removed(folder, wakeups):
    os.close(wakeups._pipe)
    wakeups._pipe = -1
    assert len(list(folder.iterdir())) == 1
    assert not wake(1)
    assert list(folder.iterdir()) == []


def test_full_pipe_keeps_nobody_waiting_and_counts_as_woken(wakeups):
    for _ in range(3):
        assert wake(60_000)
    assert wakeups.wait(0) > 0


def test_only_this_account_may_wake_a_pusher(folder, wakeups):
    (pipe,) = folder.iterdir()
    assert stat.S_IMODE(pipe.stat().st_mode) == 0o600


@pytest.mark.parametrize("missing", [True, False])
def test_without_a_usable_folder_nobody_is_woken_and_nothing_fails(folder, missing):
    if not missing:
        folder.write_text("no folder")
    assert not wake(1)
    if not missing:
        assert Wakeups(PUSHER).wait(0.0) == 0


def test_file_that_is_no_pipe_is_left_alone(folder):
    folder.mkdir()
    (folder / f"{PUSHER}-1").write_text("")
    assert not wake(1)
    assert (folder / f"{PUSHER}-1").read_text() == ""
