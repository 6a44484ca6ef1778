"""The command `scanlibrary`: what it says to people and to scripts, and how it ends."""

import json
import os
import pty
import shutil
import subprocess

import pytest
from django.db import connection

from jobs.library.lock import scan_lock
from tests.support.setups import manage


@pytest.fixture
def run(library):
    """Runs the command; standard output is a pipe, or a terminal whose text is returned."""

    def start(*arguments, terminal=False, **variables):
        environment = {**library.environment, "COLUMNS": "100", "TERM": "xterm", **variables}
        command = [*manage("scanlibrary"), *arguments]
        if not terminal:
            return subprocess.run(
                command, env=environment, capture_output=True, text=True, timeout=60
            )
        ours, theirs = pty.openpty()
        with os.fdopen(theirs, "wb"):
            process = subprocess.Popen(command, env=environment, stdout=theirs, stderr=theirs)
        text = b""
        with os.fdopen(ours, "rb", buffering=0) as stream:
            while True:
                try:
                    part = stream.read(4096)
                except OSError:  # the other end was closed
                    break
                text += part
        return process.wait(60), text.decode()

    return start


def test_in_a_pipe_it_ends_with_one_line(run, library):
    library.write("a", "b/c")

    first, second = run(), run()

    assert (first.returncode, first.stderr) == (0, "")
    assert first.stdout.startswith(f"{library.root}: 2 files, 2 added, 0.")
    assert second.stdout.startswith(f"{library.root}: 2 files, 0.")
    assert first.stdout.count("\n") == 1


def test_json_has_all_numbers(run, library):
    library.write("a", "b/c")

    found = json.loads(run("--json").stdout)

    assert found.pop("seconds") > 0
    assert found == {
        "seen": 2, "added": 2, "changed": 0, "removed": 0, "unread": 0, "problems": [],
    }  # fmt: skip


def test_on_a_terminal_it_shows_a_bar(run, library):
    library.write("a", "b/c")

    code, text = run(terminal=True)

    assert code == 0
    assert "Scanning" in text
    assert "\x1b[" in text
    assert "2 files, 2 added" in text.splitlines()[-1]


def test_an_unreadable_library_is_one_line_and_exit_code_1(run, library):
    library.write("a")
    run()
    shutil.rmtree(library.root)

    ended = run()

    assert ended.returncode == 1
    assert ended.stdout == ""
    assert str(library.root) in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stderr.count("\n") == 1
    assert library.indexed == ["a"]


def test_a_second_scan_is_one_line_and_exit_code_1(run, library):
    with scan_lock():
        ended = run()

    assert ended.returncode == 1
    assert "scanned already" in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_what_could_not_be_read_is_told_on_standard_error(run, library):
    library.write("a")
    descriptor = os.open(library.root, os.O_RDONLY)
    for name in ["odd \n name" + "n" * 200] * 25:
        os.mkdir(name, dir_fd=descriptor)
        below = os.open(name, os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(descriptor)

    ended, as_json = run(), run("--json")

    assert ": 1 file, 1 added, 1 not read" in ended.stdout
    assert json.loads(as_json.stdout)["unread"] == 1
    for one in (ended, as_json):
        assert one.returncode == 1
        problem, error = one.stderr.splitlines()
        assert problem.startswith("“odd \\x0a name")
        assert error.startswith("Error: Not everything could be read")


def test_debug_mode_does_not_keep_what_is_written(library, settings):
    settings.DEBUG = True
    library.write(*(f"{number}" for number in range(1000)))

    assert library.scan().added == 1000

    assert sum(len(query["sql"]) for query in connection.queries) < 5_000
