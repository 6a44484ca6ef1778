"""Files are opened below a folder whatever happens to the path meanwhile."""

import errno
import os
import sys
import threading
from collections.abc import Callable
from contextlib import contextmanager, suppress

import pytest

from jobs.operations import beneath
from jobs.operations.beneath import open_beneath
from jobs.operations.files import open_regular
from jobs.operations.results import ItemFailed
from tests.support.requirements import require_or_skip


@pytest.fixture(params=["openat2", "by parts"])
def way(request, monkeypatch):
    """Each way to open a path, on a kernel that has both."""
    if request.param == "by parts":
        monkeypatch.setattr(beneath, "has_openat2", lambda: False)
    elif not beneath.has_openat2():
        require_or_skip("the kernel has no openat2")
    return request.param


@pytest.fixture
def folder(tmp_path):
    root = tmp_path / "library"
    (root / "a" / "b").mkdir(parents=True)
    (root / "a" / "b" / "file").write_text("inside")
    outside = tmp_path / "outside" / "b"
    outside.mkdir(parents=True)
    (outside / "file").write_text("outside")
    return root


def test_a_path_is_opened_without_links(way, folder):
    fd = open_beneath(folder, [b"a", b"b", b"file"], os.O_RDONLY)
    assert os.read(fd, 100) == b"inside"
    os.close(fd)


@pytest.mark.parametrize("place", ["a", "a/b", "a/b/file"])
def test_a_link_in_any_part_is_refused(way, folder, place):
    (folder / place).rename(folder / "moved")
    (folder / place).symlink_to(folder / "moved")
    with pytest.raises(OSError, match=os.strerror(errno.ELOOP)):
        open_beneath(folder, [b"a", b"b", b"file"], os.O_RDONLY)


def test_a_file_in_the_place_of_a_folder_is_refused(way, folder):
    with pytest.raises(NotADirectoryError):
        open_beneath(folder, [b"a", b"b", b"file", b"more"], os.O_RDONLY)


@pytest.mark.parametrize("part", [b"", b".", b"..", b"/etc", b"a\0"])
def test_a_part_that_names_no_file_is_refused(way, folder, part):
    with pytest.raises(ValueError, match="name of a file"):
        open_beneath(folder, [b"a", part], os.O_RDONLY)


def test_no_descriptor_stays_open(way, folder):
    before = len(os.listdir("/proc/self/fd"))
    os.close(open_beneath(folder, [b"a", b"b", b"file"], os.O_RDONLY))
    with pytest.raises(FileNotFoundError):
        open_beneath(folder, [b"a", b"gone", b"file"], os.O_RDONLY)
    assert len(os.listdir("/proc/self/fd")) == before


@pytest.mark.parametrize("place", ["a", "a/b", "a/b/file"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_part_exchanged_for_a_link_at_any_open_never_leads_outside(way, folder, place, number):
    outside = folder.parent / "outside" / place.removeprefix("a").lstrip("/")

    def exchange():
        (folder / place).rename(folder / "moved")
        (folder / place).symlink_to(outside)

    read = b"nothing"
    with at_open(number, exchange) as left, suppress(ItemFailed):
        fd = open_regular(folder, "a/b/file")
        read = os.read(fd, 100)
        os.close(fd)

    assert read in (b"inside", b"nothing")
    assert number > 1 or not left, "the exchange must have happened"


_hooks: list[Callable[[], None]] = []
sys.addaudithook(lambda event, arguments: event == "open" and [hook() for hook in _hooks])


@contextmanager
def at_open(number, action):
    """Do this just before the `number`-th open of a file in the block."""
    left = [number]

    def hook():
        if left and threading.get_ident() == thread:
            left[0] -= 1
            if not left[0]:
                left.clear()
                action()

    thread = threading.get_ident()
    _hooks.append(hook)
    try:
        yield left
    finally:
        _hooks.remove(hook)
