"""The walk through the folder: its order, what it leaves out, what it cannot read."""

import os
import socket
import subprocess

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.library import walk as walking
from jobs.library.disk import FoundFile, Root, find_file, identity_of
from jobs.library.walk import Unreadable, walk
from jobs.operations.keys import bytes_from_key

NAMES = st.binary(min_size=1, max_size=8).filter(
    lambda name: b"/" not in name and b"\0" not in name and name not in (b".", b"..")
)
# Few characters: those that sort around "/" and those that keys escape meet often.
NAMES |= st.text("a-/!\\x0é".replace("/", ""), min_size=1, max_size=6).map(str.encode)
TREES = st.lists(st.lists(NAMES, min_size=1, max_size=4), max_size=25)


def root_at(path, excluded=()):
    raw = os.fsencode(path)
    return Root(str(path), raw, identity_of(os.stat(raw)), frozenset(excluded))


def keys(root):
    return [found.key for found in walk(root) if isinstance(found, FoundFile)]


def make(path, name):
    file = os.fsencode(path) + b"/" + os.fsencode(name)
    os.makedirs(os.path.dirname(file), exist_ok=True)
    with open(file, "wb"):
        return file


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(tree=TREES, chunk=st.sampled_from([1, 2, 50_000]))
def test_walk_yields_every_file_once_in_the_order_of_keys(tmp_path_factory, tree, chunk):
    path = tmp_path_factory.mktemp("tree")
    made = set()
    for parts in tree:
        try:
            make(path, b"/".join(parts))
        except (NotADirectoryError, FileExistsError, IsADirectoryError):
            continue
        made.add(b"/".join(parts))
    before, walking.CHUNK = walking.CHUNK, chunk
    try:
        found = keys(root_at(path))
    finally:
        walking.CHUNK = before

    assert found == sorted(found, key=str.encode)
    assert len(found) == len(made)
    assert {bytes_from_key(key) for key in found} == made


@given(tree=TREES)
@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_find_file_agrees_with_the_walk(tmp_path_factory, tree):
    path = tmp_path_factory.mktemp("tree")
    for parts in tree:
        try:
            make(path, b"/".join(parts))
        except (NotADirectoryError, FileExistsError, IsADirectoryError):
            continue
    root = root_at(path)

    for found in walk(root):
        assert isinstance(found, FoundFile)
        assert find_file(root, found.key) == found


def test_links_are_not_followed(tmp_path):
    outside = tmp_path / "outside"
    inside = tmp_path / "library"
    make(outside, "secret")
    make(inside, "folder/file")
    (inside / "to file").symlink_to("folder/file")
    (inside / "to folder").symlink_to("folder")
    (inside / "out file").symlink_to(outside / "secret")
    (inside / "out folder").symlink_to(outside)
    (inside / "nowhere").symlink_to("missing")
    (inside / "itself").symlink_to("itself")
    (inside / "folder" / "up").symlink_to("..")
    root = root_at(inside)

    assert list(walk(root)) == [find_file(root, "folder/file")]
    for key in ("to file", "to folder/file", "out file", "out folder/secret", "nowhere", "itself"):
        assert find_file(root, key) is None


def test_folder_exchanged_for_a_link_during_the_walk_is_not_left(tmp_path):
    library = tmp_path / "library"
    make(library, "a/0")
    make(library, "a/b/c/inside")
    make(tmp_path, "outside/b/c/secret")
    walked = walk(root_at(library))
    assert next(walked).key == "a/0"
    (library / "a").rename(tmp_path / "moved")
    (library / "a").symlink_to(tmp_path / "outside")

    assert list(walked) == []


def test_files_that_are_not_regular_are_not_listed(tmp_path):
    make(tmp_path, "file")
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
    root = root_at(tmp_path)

    assert keys(root) == ["file"]
    assert find_file(root, "pipe") is None


def test_empty_folders_yield_nothing(tmp_path):
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)

    assert list(walk(root_at(tmp_path))) == []


@pytest.fixture
def make_deep(tmp_path):
    """`make_deep(name, levels)` makes that many folders in each other and a file in the last."""

    def make_folders(name, levels):
        descriptor = os.open(tmp_path, os.O_RDONLY)
        for _ in range(levels):
            os.mkdir(name, dir_fd=descriptor)
            below = os.open(name, os.O_RDONLY, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
        os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=descriptor))
        os.close(descriptor)

    yield make_folders
    # Python's own removal, which pytest uses, recurses and gives up on these.
    subprocess.run(["rm", "-rf", "--", tmp_path], check=True)


def test_folder_deeper_than_the_recursion_limit_is_walked(tmp_path, make_deep):
    make_deep("d", 1200)

    assert keys(root_at(tmp_path)) == ["d/" * 1200 + "file"]


def test_path_too_long_for_the_system_is_unreadable(tmp_path, make_deep):
    make_deep("n" * 250, 20)
    make(tmp_path, "other")

    *unread, last = walk(root_at(tmp_path))

    assert [found.reason for found in unread] == ["File name too long"]
    assert last[0] == "other"


def test_files_that_disappear_during_the_walk_are_not_listed(tmp_path):
    for name in ("a/file", "b/file", "c/deep/file", "d"):
        make(tmp_path, name)
    found = walk(root_at(tmp_path))

    first = next(found)
    os.remove(tmp_path / "b" / "file")
    os.rmdir(tmp_path / "b")
    os.rename(tmp_path / "c", tmp_path / "moved")
    (tmp_path / "c").symlink_to("moved")

    assert [first[0], *(one[0] for one in found)] == ["a/file", "d"]


def test_folder_that_contains_itself_is_unreadable(tmp_path):
    make(tmp_path, "a/file")
    root = root_at(tmp_path)
    below = identity_of(os.stat(tmp_path / "a"))
    level = walking._Level("", below, iter(()))

    # What a bind mount of a folder into itself shows, which only root can make.
    opened = walking._open(root, "a/", [level])

    assert opened == Unreadable("a/", "the folder contains itself")


def test_excluded_folders_are_not_entered(tmp_path):
    make(tmp_path, "a/file")
    make(tmp_path, "data/file")
    root = root_at(tmp_path, {identity_of(os.stat(tmp_path / "data"))})

    assert keys(root) == ["a/file"]
    assert find_file(root, "data/file") is None


def test_find_file_finds_nothing_by_unusual_keys(tmp_path):
    make(tmp_path, "library/a/file")
    make(tmp_path, "outside")
    root = root_at(tmp_path / "library")

    for key in (
        "", ".", "..", "/", "a", "a/", "/a/file", "./a/file", "a//file", "a/../a/file",
        "../outside", "a/file/", "a/file/x", str(tmp_path / "outside"), "a\0", "a\\x5cx41",
        "a" * 5000,
    ):  # fmt: skip
        assert _or_none(root, key) is None, key
    assert find_file(root, "a/file") is not None


def _or_none(root, key):
    try:
        return find_file(root, key)
    except OSError:
        return None
