import os
import tarfile
from pathlib import Path

import pytest

from jobs.library.sample import ARCHIVE, make_sample_library
from jobs.operations import Item, ItemFailed, get
from jobs.operations.keys import key_from_bytes
from tests.support.sample.files import ENCODED, encoders, sample_files

WHOLE_THOUGH_BROKEN = {"Broken/really a PNG.jpg", "Broken/really a ZIP.docx"}
"""Files in the folder of broken ones that only have a wrong name."""


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("sample") / "library"
    make_sample_library(root)
    return root


def contents(root: Path) -> dict[str, bytes]:
    return {
        key_from_bytes(bytes(path.relative_to(root))): path.read_bytes()
        for path in root.rglob("*")
        if path.is_file()
    }


def test_there_are_about_two_hundred_small_files(sample):
    files = contents(sample)
    assert 200 <= len(files) <= 260
    assert sum(map(len, files.values())) < 5_000_000
    assert len({key.rpartition(".")[2] for key in files}) >= 20


def test_verify_flags_the_broken_ones_and_no_other(sample):
    verify = get("verify")
    flagged = set()
    for key in contents(sample):
        try:
            verify.process(Item(key, root=sample), {})
        except ItemFailed:
            flagged.add(key)
    broken = {key for key in contents(sample) if key.startswith("Broken/")}
    assert flagged == broken - WHOLE_THOUGH_BROKEN
    assert len(flagged) >= 20


def test_it_is_the_same_every_time_and_counts_its_files(sample, tmp_path):
    again = tmp_path / "again"
    count = make_sample_library(again)
    assert contents(again) == contents(sample)
    assert count == len(contents(again))
    assert [path.stat().st_mtime for path in sorted(again.rglob("*.jpg"))] == [
        path.stat().st_mtime for path in sorted(sample.rglob("*.jpg"))
    ]


def test_an_empty_folder_is_filled(tmp_path):
    root = tmp_path / "library"
    root.mkdir()
    assert make_sample_library(root) == len(contents(root))
    assert [path.name for path in tmp_path.iterdir()] == ["library"]


def test_what_a_killed_run_left_is_no_obstacle(tmp_path):
    left = tmp_path / ".library.making" / "Pictures"
    left.mkdir(parents=True)
    (left / "half.jpg").touch()
    make_sample_library(tmp_path / "library")
    assert not (tmp_path / "library" / "Pictures" / "half.jpg").exists()
    assert not left.exists()


def test_a_folder_that_holds_something_is_left_alone(tmp_path):
    (tmp_path / "mine.txt").write_text("mine")
    assert make_sample_library(tmp_path) == 1
    assert contents(tmp_path) == {"mine.txt": b"mine"}


def test_the_archive_holds_what_its_generator_makes():
    made = sample_files()
    with tarfile.open(ARCHIVE) as archive:
        packed = {
            os.fsencode(member.name): archive.extractfile(member).read() for member in archive
        }
        is_same_version = archive.pax_headers["comment"] == encoders()
    assert packed.keys() == made.keys()
    differing = {os.fsdecode(name) for name in made if made[name] != packed[name]}
    if is_same_version:
        assert not differing
    else:
        assert {name.rpartition(".")[2] for name in differing} <= ENCODED
