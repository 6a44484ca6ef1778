"""Wake-ups of pushers by named pipes."""

import os
import stat
import time

import pytest

from jobs.cluster.wakeups import FOLDER, Wakeups, wake_pushers


@pytest.fixture
def folder(settings, tmp_path):
    settings.DATA_DIR = tmp_path
    return tmp_path / FOLDER


@pytest.fixture
def wakeups(folder):
    made = Wakeups()
    yield made
    made.close()


def test_pusher_that_waits_learns_at_once_how_many_workers_are_wanted(wakeups):
    assert wake_pushers(2) == 1
    assert wake_pushers(1) == 1
    began = time.monotonic()
    assert wakeups.wait(20) == 3
    assert time.monotonic() - began < 5
    assert wakeups.wait(0) == 0


def test_pipe_of_a_pusher_that_has_ended_is_removed(folder, wakeups):
    wakeups.close()
    assert len(list(folder.iterdir())) == 1
    assert wake_pushers(1) == 0
    assert list(folder.iterdir()) == []


def test_full_pipe_keeps_nobody_waiting_and_counts_as_woken(wakeups):
    for _ in range(3):
        assert wake_pushers(60_000) == 1
    assert wakeups.wait(0) > 0


def test_only_this_account_may_wake_a_pusher(folder, wakeups):
    (pipe,) = folder.iterdir()
    assert stat.S_IMODE(pipe.stat().st_mode) == 0o600


@pytest.mark.parametrize("missing", [True, False])
def test_without_a_usable_folder_nobody_is_woken_and_nothing_fails(folder, missing):
    if not missing:
        folder.write_text("no folder")
    assert wake_pushers(1) == 0
    if not missing:
        assert Wakeups().wait(0.0) == 0


def test_file_that_is_no_pipe_is_left_alone(folder):
    folder.mkdir()
    (folder / str(os.getpid())).write_text("")
    assert wake_pushers(1) == 0
    assert (folder / str(os.getpid())).read_text() == ""
