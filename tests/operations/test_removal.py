"""Removal of folders that programs of others have filled."""

import math
import os
from pathlib import Path
from time import monotonic

import pytest

from jobs.operations.removal import open_folder, remove_tree


def remove(folder: Path, name: str, deadline: float = math.inf) -> bool:
    parent = open_folder(folder)
    try:
        return remove_tree(name, parent=parent, deadline=deadline)
    finally:
        os.close(parent)


@pytest.fixture
def as_nobody():
    """Runs a call in a process without root's rights. Returns whether it succeeded."""

    def ran(call) -> bool:
        pid = os.fork()
        if pid == 0:
            try:
                if os.geteuid() == 0:
                    os.setgid(65534)
                    os.setuid(65534)
                call()
                os._exit(0)
            finally:
                os._exit(1)
        return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0

    return ran


def test_links_are_removed_and_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_text("x")
    (tmp_path / "top").mkdir()
    (tmp_path / "top" / "file").write_text("x")
    (tmp_path / "top" / "folder-link").symlink_to(outside)
    (tmp_path / "top" / "file-link").symlink_to(outside / "precious")
    (tmp_path / "link").symlink_to(outside)
    assert remove(tmp_path, "top")
    assert remove(tmp_path, "link")
    assert os.listdir(tmp_path) == ["outside"]
    assert (outside / "precious").read_text() == "x"


def test_very_deep_folder_is_removed(tmp_path):
    fd = open_folder(tmp_path)
    for _ in range(2_000):
        os.mkdir("d", dir_fd=fd)
        inner = open_folder("d", parent=fd)
        os.close(fd)
        fd = inner
    os.close(fd)
    assert remove(tmp_path, "d")
    assert os.listdir(tmp_path) == []


def test_closed_folders_are_removed(tmp_path, as_nobody):
    place = Path(os.path.realpath(tmp_path)) / "place"
    place.mkdir()
    place.chmod(0o777)
    for parent in place.parents:
        if parent.is_relative_to("/tmp") and parent != Path("/tmp"):
            parent.chmod(parent.stat().st_mode | 0o011)

    def fill_and_remove() -> None:
        for name, mode in (("unreadable", 0o000), ("unwritable", 0o500)):
            inner = place / "top" / name / "inner"
            inner.mkdir(parents=True)
            (inner / "file").write_text("x")
            inner.chmod(mode)
            inner.parent.chmod(mode)
        (place / "top").chmod(0o500)
        remove(place, "top")

    assert as_nobody(fill_and_remove)
    assert os.listdir(place) == []


def test_what_is_missing_is_removed_already(tmp_path):
    assert remove(tmp_path, "missing")


def test_removal_stops_at_its_deadline_and_is_carried_on(tmp_path):
    (tmp_path / "top").mkdir()
    for number in range(500):
        (tmp_path / "top" / str(number)).touch()
    calls = 0
    while not remove(tmp_path, "top", deadline=monotonic()):
        calls += 1
    assert 1 < calls < 50
    assert os.listdir(tmp_path) == []
