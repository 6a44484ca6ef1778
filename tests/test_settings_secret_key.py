"""The secret key that is made once."""

import os
import stat
import subprocess
import sys

import pytest
from django.conf import settings

from batchsite.settings.env import BadSetting
from batchsite.settings.security import stored_secret_key


def test_the_key_is_made_once_and_for_the_owner_only(tmp_path):
    folder = tmp_path / "new" / "data"
    key = stored_secret_key(folder)
    assert len(key) >= 50
    assert stored_secret_key(folder) == key
    assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600


def test_processes_that_start_at_once_agree(tmp_path):
    """They wait for a file to appear and then make the key, all in the same moment."""
    code = (
        "import os, sys, pathlib\n"
        "from batchsite.settings.security import stored_secret_key\n"
        "folder = pathlib.Path(sys.argv[1])\n"
        "print('ready', flush=True)\n"
        "sys.stdin.readline()\n"
        "print(stored_secret_key(folder))\n"
    )
    processes = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(tmp_path / "data")],
            cwd=settings.BASE_DIR,
            env={**os.environ, "DJANGO_SETTINGS_MODULE": ""},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    keys = {process.communicate(timeout=30)[0] for process in processes}
    assert len(keys) == 1
    assert len(keys.pop().strip()) >= 50


@pytest.mark.parametrize("left", ["", "cut short"])
def test_a_key_that_a_crash_cut_short_is_made_again(tmp_path, left):
    (tmp_path / "secret_key").write_text(left)
    key = stored_secret_key(tmp_path)
    assert len(key) >= 50
    assert (tmp_path / "secret_key").read_text().strip() == key


def test_a_damaged_file_is_named(tmp_path):
    (tmp_path / "secret_key").write_bytes(b"\xff" * 60)
    with pytest.raises(BadSetting, match="damaged secret_key"):
        stored_secret_key(tmp_path)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadSetting, match="Not a directory"):
        stored_secret_key(tmp_path / "file" / "data")
