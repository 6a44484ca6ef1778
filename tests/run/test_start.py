"""Starting the site: what appears on the screen, and what a person is told when it cannot."""

import re
import socket
import stat
import time

import pytest

from tests.run.terminal import MAKE_RUN, SERVE, Terminal
from tests.support.waiting import wait_until


def test_make_run_on_an_empty_folder_ends_with_a_page_and_a_sample_library(tmp_path):
    terminal = Terminal(tmp_path)
    try:
        terminal.type(*MAKE_RUN)
        assert terminal.wait_for_address() == f"http://127.0.0.1:{terminal.port}/"
        status, page = terminal.get("/")
        assert status == 200
        assert b'id="fileList"' in page
        files = [path for path in (terminal.data / "library").rglob("*") if path.is_file()]
        assert "Preparing the database ..." in terminal.said
        assert f"Made a sample library of {len(files)} files" in terminal.said
        assert len(files) > 100
        assert stat.S_IMODE((terminal.data / "secret_key").stat().st_mode) == 0o600
        terminal.press_ctrl_c()
        terminal.wait_for_end()
        assert terminal.left() == []
        assert "Traceback" not in terminal.said
        assert "database is locked" not in terminal.said
    finally:
        terminal.close()


def test_the_account_is_made_once_and_its_password_shown_once(running):
    made = re.search(r"Made the account “admin” with the password (\S{16}) ", running.said)
    assert made
    running.press_ctrl_c()
    running.wait_for_end()
    before = len(running.said)
    began = time.monotonic()
    running.type(*SERVE)
    wait_until(lambda: "The site is at" in running.said[before:], seconds=60)
    assert time.monotonic() - began < 30
    assert "password" not in running.said[before:]


def test_a_given_password_is_not_shown(terminal):
    terminal.type(*SERVE, ADMIN_PASSWORD="hush hush")
    terminal.wait_for_address()
    assert "with the password in ADMIN_PASSWORD" in terminal.said
    assert "hush" not in terminal.said


def refused(terminal, *words, **env):
    """The site does not start, in one line that holds these words."""
    before = len(terminal.said)
    terminal.type(*SERVE, **env)
    assert terminal.wait_for_end() == 1
    lines = terminal.said[before:].strip().splitlines()
    assert len(lines) == 1, lines
    assert "Error" in lines[0]
    for word in words:
        assert word in lines[0]


def test_a_port_in_use_is_told(terminal):
    with socket.socket() as other:
        other.bind(("127.0.0.1", terminal.port))
        other.listen()
        refused(terminal, f"Port {terminal.port} cannot be used", "make run PORT=")
    assert terminal.left() == []


def test_a_second_run_on_the_same_folder_is_told_where_the_first_one_is(running):
    address = f"http://127.0.0.1:{running.port}/"
    other = Terminal(running.data.parent, LIBRARY_ROOT=running.env["LIBRARY_ROOT"])
    try:
        refused(other, "already runs on the data folder", address, "set DATA_DIR")
    finally:
        other.close()
    assert running.get("/")[0] == 200


@pytest.mark.parametrize(
    ("env", "words"),
    [
        ({"LIBRARY_ROOT": "/nowhere/at/all"}, ["/nowhere/at/all", "No such file", "LIBRARY_ROOT"]),
        ({"LIBRARY_ROOT": "/etc/hostname"}, ["/etc/hostname", "Not a directory"]),
        ({"DATA_DIR": "/proc/batchsite"}, ["/proc/batchsite", "DATA_DIR"]),
        ({"PORT": "none"}, ["PORT is “none”"]),
        (
            {"DATABASE_URL": "postgres://me:hush@127.0.0.1:1/work"},
            ["The database cannot be used", "DATABASE_URL"],
        ),
    ],
)
def test_what_cannot_be_used_is_told_in_one_line(terminal, env, words):
    refused(terminal, *words, **env)
    assert "hush" not in terminal.said
    assert terminal.left() == []
