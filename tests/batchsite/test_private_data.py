import stat
from pathlib import Path

import pytest

from batchsite.private_data import protect

OURS = ("db.sqlite3", "db.sqlite3-gates/1f", "secret_key", "outputs/copy/job/a", "library/b")


@pytest.fixture
def data(tmp_path) -> Path:
    """A data folder that everybody may read, as earlier versions made it."""
    folder = tmp_path / "data"
    for name in OURS:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text("x")
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return folder


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_open_data_folder_is_closed_with_all_that_is_in_it(data):
    protect(data, "owner")
    assert mode(data) == 0o700
    assert {mode(path) for path in data.rglob("*") if path.is_dir()} == {0o700}
    assert {mode(path) for path in data.rglob("*") if path.is_file()} == {0o600}


@pytest.mark.parametrize(
    ("access", "way", "folder"), [("group", 0o710, 0o750), ("all", 0o711, 0o755)]
)
def test_outputs_stay_open_if_the_setting_says_so(data, access, way, folder):
    protect(data, access)
    assert mode(data) == way
    assert mode(data / "outputs" / "copy") == folder
    assert mode(data / "db.sqlite3") == mode(data / "secret_key") == 0o600
    assert mode(data / "db.sqlite3-gates") == mode(data / "library") == 0o700


def test_outputs_that_were_open_are_closed_again(data):
    protect(data, "all")
    protect(data, "owner")
    assert mode(data) == mode(data / "outputs" / "copy") == 0o700


def test_folder_with_other_things_keeps_its_mode_and_theirs(data):
    (data / "Documents").mkdir(mode=0o755)
    (data / "Documents").chmod(0o755)
    protect(data, "owner")
    assert mode(data) == mode(data / "Documents") == 0o755
    assert mode(data / "db.sqlite3") == 0o600
    assert mode(data / "outputs") == 0o700


def test_file_that_became_open_in_a_closed_folder_is_closed(data):
    protect(data, "owner")
    (data / "db.sqlite3").chmod(0o644)
    protect(data, "owner")
    assert mode(data / "db.sqlite3") == 0o600


def test_link_is_not_followed(data, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    outside.chmod(0o755)
    (data / "outputs").rename(tmp_path / "elsewhere")
    (data / "outputs").symlink_to(outside)
    (data / "library" / "link").symlink_to(outside)
    protect(data, "owner")
    assert mode(outside) == 0o755


def test_missing_folder_is_not_created(tmp_path):
    protect(tmp_path / "data", "owner")
    assert not (tmp_path / "data").exists()
