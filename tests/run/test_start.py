"""Starting the site: what the terminal shows, and the messages when it cannot start."""

import contextlib
import re
import socket
import stat
import time

import psutil
import pytest

from tests.run.terminal import MAKE_RUN, SERVE, Terminal, refused
from tests.support.waiting import wait_until

pytestmark = [pytest.mark.slow(3), pytest.mark.programs]


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


def test_account_is_made_at_the_first_start_only_and_its_password_shown_once(terminal):
    terminal.type(*SERVE)
    terminal.wait_for_address()
    made = re.search(r"Made the account “admin” with the password (\S{16}) ", terminal.said)
    assert made
    terminal.press_ctrl_c()
    terminal.wait_for_end()
    before = len(terminal.said)
    began = time.monotonic()
    terminal.type(*SERVE)
    wait_until(lambda: "The site is at" in terminal.said[before:], seconds=60)
    assert time.monotonic() - began < 30
    assert "password" not in terminal.said[before:]


def environments():
    """Those of all processes that may be read."""
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error, OSError):
            yield process.environ()


def test_given_password_is_not_shown_and_no_running_process_has_it(terminal):
    terminal.type(*SERVE, ADMIN_PASSWORD="hush hush")
    terminal.wait_for_address()
    assert "with the password in ADMIN_PASSWORD" in terminal.said
    assert "hush" not in terminal.said
    ours = [found for found in environments() if found.get("DATA_DIR") == str(terminal.data)]
    assert len(ours) > 3
    assert [found for found in ours if "hush" in str(found)] == []


def test_port_in_use_is_refused_in_one_line(terminal):
    with socket.socket() as other:
        other.bind(("127.0.0.1", terminal.port))
        other.listen()
        refused(terminal, f"Port {terminal.port} cannot be used", "make run PORT=")
    assert terminal.left() == []


def test_site_without_login_does_not_start_where_others_reach_it(terminal):
    refused(terminal, "open to everyone who reaches 0.0.0.0", "LOGIN_REQUIRED=true", HOST="0.0.0.0")
    assert terminal.left() == []


def test_site_with_login_starts_where_others_reach_it_and_shows_no_debug_pages(terminal):
    terminal.type(*SERVE, "--host", "0.0.0.0", LOGIN_REQUIRED="true")
    assert terminal.wait_for_address() == f"http://0.0.0.0:{terminal.port}/"
    assert terminal.get("/api/jobs")[0] == 401
    status, page = terminal.get("/no/such/page")
    assert status == 404
    assert b"DEBUG" not in page


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
def test_unusable_setting_is_refused_in_one_line(terminal, env, words):
    refused(terminal, *words, **env)
    assert "hush" not in terminal.said
    assert terminal.left() == []
