import os
import stat
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jobs.operations import Item, ItemFailed
from jobs.operations.keys import key_from_bytes
from jobs.operations.output_names import folder_parts

ODD_KEYS = ["..", "../x", "/etc/passwd", "a/../b", "a//b", "", ".", "a\0b", "https://x/y", "\ud800"]


def item(base: Path, key: str) -> Item:
    return Item(key, root=base / "library", outputs=base / "outputs" / "job")


def test_folder_of_an_item_mirrors_the_library(tmp_path):
    found = item(tmp_path, "cam1/a.png")
    assert found.output_dir == tmp_path / "outputs/job/cam1/a.png.out"
    assert found.output_dir.is_dir()
    assert found.output_path() == found.output_dir / "a.png"
    assert found.output_path(".webp") == found.output_dir / "a.png.webp"


@pytest.mark.parametrize("suffix", ["/x", "/../../x", "a\0", "x" * 230])
def test_suffix_that_cannot_end_a_file_name_is_refused(tmp_path, suffix):
    with pytest.raises(ValueError, match="cannot end a file name"):
        item(tmp_path, "a").output_path(suffix)


@pytest.mark.parametrize("key", ODD_KEYS)
def test_key_that_is_no_path_gets_a_folder_inside_that_of_the_job(tmp_path, key):
    found = item(tmp_path, key)
    assert found.output_dir.resolve().parent == tmp_path / "outputs/job"
    found.output_path(".txt").write_text("x")


keys = st.lists(
    st.sampled_from(
        ["a", "A", "a.out", "a.out_", ".out", "..", "", "é", "n" * 200, "a\nb", "x~" + "0" * 32]
    ),
    min_size=1,
    max_size=3,
).map("/".join)


@settings(deadline=None, max_examples=300)
@given(keys, keys)
def test_folders_of_two_items_are_never_one_nor_inside_each_other(one, two):
    if one != two:
        first, second = folder_parts(one), folder_parts(two)
        shortest = min(len(first), len(second))
        assert first[:shortest] != second[:shortest]


@settings(deadline=None, max_examples=100)
@given(st.binary(min_size=1, max_size=1000))
def test_any_path_has_a_folder_that_can_be_created(raw):
    parts = folder_parts(key_from_bytes(raw))
    assert all(0 < len(part) <= 220 and b"/" not in part and b"\0" not in part for part in parts)
    assert not {b".", b".."} & set(parts)


def test_name_that_is_almost_too_long_leaves_room_for_an_ending(tmp_path):
    longest = ["é" * 127, "é" * 126 + "è"]
    paths = [item(tmp_path, name).output_path(".preview.webp") for name in longest]
    assert paths[0] != paths[1]
    for path in paths:
        path.write_text("x")
        path.name.encode()


def test_very_deep_key_has_a_short_folder(tmp_path):
    found = item(tmp_path, "/".join(["d" * 100] * 40))
    assert len(str(found.output_dir)) < len(str(tmp_path)) + 150


def test_next_attempt_starts_with_an_empty_folder(tmp_path):
    first = item(tmp_path, "b/a.txt")
    inner = first.output_dir / "half" / "done"
    inner.mkdir(parents=True)
    (inner / "file").write_text("x")
    inner.chmod(0o500)
    (first.output_dir / "link").symlink_to(tmp_path)
    beside = item(tmp_path, "b/c.txt")
    beside.output_path().write_text("kept")
    second = item(tmp_path, "b/a.txt")
    assert list(second.output_dir.iterdir()) == []
    assert beside.output_path().read_text() == "kept"
    assert tmp_path.is_dir()


def test_folder_is_emptied_once_for_an_attempt(tmp_path):
    found = item(tmp_path, "a")
    found.output_path(".one").write_text("1")
    found.output_path(".two").write_text("2")
    assert len(list(found.output_dir.iterdir())) == 2


@pytest.mark.parametrize("place", ["outputs/job", "outputs/job/sub", "outputs/job/sub/a.out"])
def test_link_in_the_output_folder_is_not_followed(tmp_path, place):
    outside = tmp_path / "outside"
    (outside / "sub" / "a.out").mkdir(parents=True)
    (outside / "sub" / "a.out" / "precious").write_text("x")
    link = tmp_path / place
    link.parent.mkdir(parents=True)
    link.symlink_to(outside / "sub")
    before = sorted(outside.rglob("*"))
    with pytest.raises(ItemFailed, match=r"is not a folder\. Remove it, then retry"):
        _ = item(tmp_path, "sub/a").output_dir
    assert sorted(outside.rglob("*")) == before


def test_file_in_the_place_of_a_folder_fails_the_item(tmp_path):
    (tmp_path / "outputs" / "job").mkdir(parents=True)
    (tmp_path / "outputs" / "job" / "sub").write_text("x")
    with pytest.raises(ItemFailed, match="“sub” in the output folder of the job is not a folder"):
        _ = item(tmp_path, "sub/a").output_dir


@pytest.fixture
def forgiving_disk(monkeypatch):
    """Makes the disk treat names as one that differ in case or accents only, as on a Mac."""

    def found(name, dir_fd):
        wanted = _folded(os.fsencode(name))
        same = [each for each in os.listdir(dir_fd) if _folded(os.fsencode(each)) == wanted]
        return os.fsencode(same[0]) if same else name

    for call in ("mkdir", "open", "stat"):
        real = getattr(os, call)

        def wrapped(name, *args, dir_fd=None, _real=real, **more):
            name = name if dir_fd is None else found(name, dir_fd)
            return _real(name, *args, dir_fd=dir_fd, **more)

        monkeypatch.setattr(os, call, wrapped)


def _folded(name: bytes) -> str:
    return unicodedata.normalize("NFC", name.decode()).casefold()


@pytest.mark.parametrize(
    ("one", "two"), [("a.png", "A.png"), ("Cam/a", "cam/a"), ("\u00fc/a", "u\u0308/a")]
)
def test_names_that_are_one_on_the_disk_fail_the_second_item(tmp_path, forgiving_disk, one, two):
    first = item(tmp_path, one).output_path()
    first.write_text("first")
    with pytest.raises(ItemFailed, match="differ only in upper and lower case or accents"):
        _ = item(tmp_path, two).output_dir
    assert first.read_text() == "first"
    assert list(item(tmp_path, one).output_dir.iterdir()) == [], "its own attempt is its own"


def test_names_that_differ_in_case_are_two_items(tmp_path):
    item(tmp_path, "a.png").output_path().write_text("small")
    item(tmp_path, "A.PNG").output_path().write_text("large")
    again = item(tmp_path, "a.png").output_dir
    assert list(again.iterdir()) == []
    assert (tmp_path / "outputs/job/A.PNG.out/A.PNG").read_text() == "large"


def test_empty_folder_is_dropped_and_another_one_kept(tmp_path):
    empty, used = item(tmp_path, "a"), item(tmp_path, "b")
    for each in (empty, used):
        assert stat.S_ISDIR(each.output_dir.stat().st_mode)
    used.output_path().write_text("x")
    for each in (empty, used, item(tmp_path, "c")):
        each.drop_empty_output_dir()
    assert os.listdir(tmp_path / "outputs/job") == ["b.out"]


def test_folders_are_made_while_others_are_dropped(tmp_path):
    def work(worker: int) -> int:
        kept = 0
        for number in range(40):
            found = item(tmp_path, f"a/b/{number}-{worker}")
            if number % 4 == 0:
                found.output_path(".txt").write_text("x")
                kept += 1
            else:
                assert found.output_dir.is_dir()
            found.drop_empty_output_dir()
        return kept

    with ThreadPoolExecutor(4) as pool:
        kept = sum(pool.map(work, range(4)))
    assert len(list((tmp_path / "outputs/job/a/b").iterdir())) == kept
